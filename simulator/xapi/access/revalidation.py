"""Sessions of subjects are looked at anew every half an hour (xapi_session.ml: revalidate_all_sessions)."""

from datetime import UTC, datetime

from simulator.schema.types import NULL
from simulator.xapi.decoding import wire_time
from simulator.xapi.registry import HostView
from simulator.xapi.rows import Row

INTERVAL = 30 * 60


def still_valid(host: HostView, ref: str) -> bool:
    """A subject whom the pool knows no longer loses the session; another role counts at the next login."""
    session = Row(host.database, "session", ref)
    if session.text("subject") == NULL or session.text("validation_time") > _before(host):
        return True
    if not _is_known(host, session):
        host.database.delete("session", ref)
        return False
    session.set(validation_time=wire_time(host.now()))
    return True


def _before(host: HostView) -> str:
    return wire_time(datetime.fromtimestamp(host.now() - INTERVAL, UTC))


def _is_known(host: HostView, session: Row) -> bool:
    """Nobody ever leaves the directory of a lab; the pool may forget a subject, or the directory itself."""
    database = host.database
    if not database.has("subject", session.text("subject")):
        return False
    return bool(Row(database, "host", session.text("this_host")).text("external_auth_type"))
