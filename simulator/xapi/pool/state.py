"""What holds of a whole pool, as its one row says."""

from simulator.database import Database
from simulator.xapi.errors import XapiError
from simulator.xapi.rows import Row, first

UPGRADING = "rolling_upgrade_in_progress"


def pool_of(database: Database) -> Row:
    """The pool that this database is of; a toolstack's own first lines have none yet."""
    return Row(database, "pool", database.refs("pool")[0])


def ha_is_on(database: Database) -> bool:
    pool = first(database, "pool")
    return pool is not None and pool.flag("ha_enabled")


def refuse_under_ha(database: Database) -> None:
    if ha_is_on(database):
        raise XapiError("HA_IS_ENABLED")


def is_upgrading(database: Database) -> bool:
    """Its hosts differ in version, and its master has seen it (helpers.ml: rolling_upgrade_in_progress)."""
    pool = first(database, "pool")
    return pool is not None and pool.mapping("other_config").get(UPGRADING) == "true"
