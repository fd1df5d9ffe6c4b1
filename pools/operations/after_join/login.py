"""The pool's password must open the new member too: XAPI copies it while the member starts, and only logs a failure."""

from collections.abc import Sequence
from dataclasses import dataclass

from pools import connections, inventories
from pools.operations.after_join.member import MemberStep
from pools.operations.context import Context
from pools.operations.step import Differs
from pools.xapi.errors import XapiError, XapiFailure
from pools.xapi.gateway import prove_local_login

WRONG_PASSWORD = "SESSION_AUTHENTICATION_FAILED"  # noqa: S105 - a code


@dataclass(frozen=True, kw_only=True)
class ProveLogin(MemberStep):
    """The member itself accepts the pool's login (dbsync.ml, resync_dom0_config_files); nothing is changed."""

    username: str

    @property
    def title(self) -> str:
        return f"Prove that the pool’s password opens {self.host_name}"

    @property
    def look_at(self) -> Sequence[str]:
        return (f"{self.host_name}: does its console accept the pool’s password, or still its old one?",)

    def verify(self, ctx: Context) -> bool:
        if ctx.operation.pool is None:
            return False
        server = ctx.server(self.host_uuid)
        endpoint = connections.endpoint_of(server)
        try:
            prove_local_login(endpoint, connections.login_of(ctx.operation.pool))
        except XapiFailure as refusal:
            if refusal.code != WRONG_PASSWORD:
                raise
            ctx.notes.missing = f"{self.host_name} does not accept the pool’s password."
            return False
        inventories.take_member(ctx.operation.pool, server)
        ctx.notes.proved = f"{self.host_name} accepts the pool’s password."
        return True

    def run(self, ctx: Context) -> None:
        """Wait until the member has fetched the password; a member that did not keeps its old one."""
        waited = 0.0
        while not self._accepted(ctx):
            if waited >= self.settles_in:
                raise Differs("XENWEB_PASSWORD_NOT_TAKEN", (self.host_name, self.username))
            waited = self.pause(ctx, waited, f"Waiting for {self.host_name} to take the pool’s password")

    def _accepted(self, ctx: Context) -> bool:
        """A member that does not answer for a moment has not refused anything."""
        try:
            return self.verify(ctx)
        except XapiError as error:
            ctx.notes.missing = f"{self.host_name} does not answer ({error.code})."
            return False
