"""What every step after an eject shares: the server is on its own, and whatever is wrong is nobody else's trouble."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.conf import settings

from pools import connections
from pools.operations.context import Context
from pools.operations.removal.leaving import WRONG_PASSWORD, LeavingStep
from pools.xapi.errors import XapiFailure
from pools.xapi.probe import NOBODY, probe_server

PATIENCES_TO_RETURN: Final = 6
SETTLES_IN: Final = 0.2
LOOK_AGAIN_AFTER: Final = 0.5
UNKNOWN_TO_POOL: Final = "HOST_UNKNOWN_TO_MASTER"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a server says to somebody whom it does not know. ``coordinator``: whose member it says it is."""

    code: str = ""
    coordinator: str = ""

    @property
    def is_ready(self) -> bool:
        """It takes logins itself: this one it refused."""
        return self.code == WRONG_PASSWORD

    @property
    def is_member(self) -> bool:
        """It still believes in its pool, whether or not that knows it."""
        return bool(self.coordinator) or self.code == UNKNOWN_TO_POOL


@dataclass(frozen=True, kw_only=True)
class FollowingStep(LeavingStep):
    """A step that only waits for the server itself; the pool has no more to do with it."""

    @property
    def parks(self) -> bool:
        return True

    @property
    def patience(self) -> float:
        """A server reboots in minutes; one with much memory or many disks takes longer."""
        return super().patience * PATIENCES_TO_RETURN

    @property
    def look_at(self) -> Sequence[str]:
        return (
            f"{self.host_name}: its console (IPMI, KVM): does it show an address, or an error?",
            f"{self.host_name}: without an address, type what the console runbook of this operation says.",
            f"{self.host_name}: has it another address now? “It has another address…” finds it there, and looks again.",
        )

    @property
    def settles_in(self) -> float:
        """Seconds in which what a start brings last may still come."""
        return float(settings.PATIENCE) * SETTLES_IN

    def asked(self, ctx: Context) -> Answer:
        """Ask the server whose it is; no password is sent for that. Raises when nothing answers."""
        try:
            said = probe_server(connections.endpoint_of(ctx.server(self.host_uuid, now=True)), NOBODY)
        except XapiFailure as failure:
            if failure.code.startswith("XENWEB_"):
                raise
            return Answer(code=failure.code)
        return Answer(coordinator=said.coordinator_address if said.role == "member" else "")

    def pause(self, ctx: Context, waited: float, what: str) -> float:
        """Say what is waited for, wait a little, and return how long it was in all."""
        ctx.notes.waiting_for(what)
        pause = min(LOOK_AGAIN_AFTER, self.settles_in / 5)
        ctx.pause(pause)
        return waited + pause

    def run(self, ctx: Context) -> None:
        """There is nothing to send."""
