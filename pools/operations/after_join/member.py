"""What every step on a new member shares."""

from dataclasses import dataclass
from typing import Final

from django.conf import settings

from pools.operations.context import Context
from pools.operations.joining import AwaitMember, JoinPool
from pools.operations.step import Step
from pools.xapi.inventory import Snapshot
from pools.xapi.records import HostRecord

SETTLES_IN: Final = 0.2
LOOK_AGAIN_AFTER: Final = 0.5


@dataclass(frozen=True, kw_only=True)
class MemberStep(Step):
    """A step in the lane of a server that has joined; its trouble is nobody else's."""

    host_uuid: str
    host_name: str
    coordinator_uuid: str
    coordinator_name: str

    @property
    def lane(self) -> str:
        return self.host_uuid

    @property
    def parks(self) -> bool:
        return True

    def rests_on(self, earlier: Step) -> bool:
        """It needs a member at work, and nothing else of its lane."""
        return isinstance(earlier, JoinPool | AwaitMember)

    @property
    def settles_in(self) -> float:
        """Seconds in which a member that is enabled gets the rest: it is enabled before its bonds are made."""
        return float(settings.PATIENCE) * SETTLES_IN

    def pause(self, ctx: Context, waited: float, what: str) -> float:
        """Say what is waited for, wait a little, and return how long it was in all."""
        ctx.notes.waiting_for(what)
        pause = min(LOOK_AGAIN_AFTER, self.settles_in / 5)
        ctx.pause(pause)
        return waited + pause


def member_of(snapshot: Snapshot, uuid: str) -> HostRecord:
    """Return the member's record; an empty one when the pool has none."""
    return snapshot.host(uuid) or HostRecord(ref="", uuid=uuid)
