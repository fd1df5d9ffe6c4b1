"""Best effort: what a joiner writes into the pool's database; no error here fails the join."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field

from simulator.database import Database
from simulator.world.host import HostMachine
from simulator.xapi.errors import XapiError
from simulator.xapi.rows import NULL, Row

log = logging.getLogger(__name__)


@dataclass
class Copying:
    """One joiner's way into a pool: both databases, and which new row stands for which old one."""

    machine: HostMachine
    old_host: Row
    new_host: Row
    pool: Row
    new: dict[str, str] = field(default_factory=dict)

    @property
    def old(self) -> Database:
        return self.old_host.database

    @property
    def target(self) -> Database:
        return self.new_host.database

    def stands_for(self, old_ref: str) -> str:
        return self.new.get(old_ref, NULL)

    def copied(self, old: Row, new: Row) -> Row:
        self.new[old.ref] = new.ref
        return new


def best_effort(what: str, work: Callable[[], object]) -> None:
    """Log and drop failures, object by object (xapi_pool.ml: protect_exn)."""
    try:
        work()
    except (XapiError, LookupError) as error:
        log.warning("join: %s was not copied: %s", what, error)
