"""What every step of a removal shares: the server that leaves, and the pool that it leaves."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pools.operations.context import Context
from pools.operations.step import Differs, Step
from pools.operations.xe import xe
from pools.xapi.errors import XapiError, XapiFailure
from pools.xapi.inventory import SPELLED, Snapshot
from pools.xapi.records import HostRecord

OWN: Final = ("pool", "host")
WRONG_PASSWORD: Final = "SESSION_AUTHENTICATION_FAILED"  # noqa: S105 - a code


@dataclass(frozen=True, kw_only=True)
class LeavingStep(Step):
    """A step in the lane of a server that leaves.

    Its failure stops the whole operation: nobody else leaves a pool in which something is unsettled.
    """

    host_uuid: str
    host_name: str
    coordinator_name: str
    coordinator_address: str
    username: str

    @property
    def lane(self) -> str:
        return self.host_uuid

    @property
    def is_aside(self) -> bool:
        """Whether a person may leave it out, with a reason, without leaving out what follows."""
        return False

    def rests_on(self, earlier: Step) -> bool:
        return not (isinstance(earlier, LeavingStep) and earlier.is_aside)

    def command(self, name: str, values: Mapping[str, str]) -> str:
        """Return the equivalent ``xe`` command."""
        return xe(self.coordinator_address, self.username, name, values)

    def snapshot(self, ctx: Context, *classes: str) -> Snapshot:
        """Read these classes from the pool's coordinator, wherever it is now."""
        return Snapshot.from_wire({name: ctx.pool().records(SPELLED.get(name, name)) for name in classes})

    def own_pool(self, ctx: Context) -> Snapshot | None:
        """What the server says of itself, if it coordinates a pool that the old pool's password opens."""
        try:
            return Snapshot.from_wire({name: ctx.xapi(self.host_uuid).records(name) for name in OWN})
        except XapiError as error:
            ctx.disconnect()
            if error.code == WRONG_PASSWORD:
                raise Differs(error.code, error.params) from None
            ctx.notes.missing = f"{self.host_name} does not answer as a pool of its own ({error.code})."
            return None

    def host(self, snapshot: Snapshot) -> HostRecord:
        """Return the server's record; a pool that has none has let it go already."""
        found = snapshot.host(self.host_uuid)
        if found is None:
            raise XapiFailure("UUID_INVALID", ("host", self.host_uuid))
        return found
