"""Give root of a server that is alone in its pool a new password, and xenweb the login with it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from pools import connections, passwords
from pools.checks.facts import Facts, ServerFacts
from pools.checks.finding import Finding
from pools.checks.registry import refusal
from pools.operations.context import Context
from pools.operations.fixes.fix import Fix, FixStep, target
from pools.operations.kind import Choices
from pools.operations.removal.leaving import WRONG_PASSWORD
from pools.operations.step import Differs, Step
from pools.xapi.endpoint import Login
from pools.xapi.errors import XapiFailure
from pools.xapi.gateway import open_session

KIND: Final = "password_change"
ROOT: Final = "root"


@dataclass(frozen=True, kw_only=True)
class ChangePassword(FixStep):
    """The password itself is in no parameter: it is kept encrypted for the operation (pools/passwords.py)."""

    @property
    def title(self) -> str:
        return f"Give {self.host} its new password"

    @property
    def call(self) -> str:
        return f"session.change_password(•••, •••) {self.at}"

    @property
    def xe(self) -> str:
        return self.command("user-password-change", new="•••")

    @property
    def look_at(self) -> Sequence[str]:
        return (
            f"{self.host}: does its console accept the new password, the old one, or neither?",
            f"{self.host}: where it accepts another one, store that under “New login…” on its page.",
        )

    def verify(self, ctx: Context) -> bool:
        """The new password opens the server; only then it becomes the stored login."""
        login = passwords.login_of(ctx.operation)
        if login is None:
            raise Differs("XENWEB_PASSWORD_ERASED", (self.host,))
        if not self.opens(ctx, login):
            ctx.notes.missing = f"{self.host} does not accept the new password."
            return False
        passwords.take(ctx.operation)
        ctx.notes.proved = f"{self.host} accepts the new password; xenweb signs in with it from now on."
        return True

    def opens(self, ctx: Context, login: Login) -> bool:
        try:
            with open_session(connections.endpoint_of(ctx.server(self.target["host_uuid"])), login):
                return True
        except XapiFailure as refusal:
            if refusal.code != WRONG_PASSWORD:
                raise
            return False

    def run(self, ctx: Context) -> None:
        login = passwords.login_of(ctx.operation)
        if login is None or ctx.operation.pool is None:
            raise Differs("XENWEB_PASSWORD_ERASED", (self.host,))
        self.xapi(ctx).change_password(connections.login_of(ctx.operation.pool), login)

    def may_repeat(self, ctx: Context) -> bool:
        """Whoever is root sets the same password once more; the stored one still opens the server."""
        pool = ctx.operation.pool
        return pool is not None and self.opens(ctx, connections.login_of(pool))


class PasswordChange(Fix):
    """A member's password is its pool's (xapi_session.ml, change_password): only a server alone is changed here."""

    kind = KIND
    title = "Change root’s password"
    solves = "New password…"
    about = "Every other login with the old password ends to work; sessions that are open go on."
    steps: ClassVar[Sequence[type[Step]]] = (ChangePassword,)
    reads: ClassVar[Collection[str]] = ("pool", "host", "host_metrics")

    def rests_on(self, server: ServerFacts) -> Mapping[str, str]:
        return {"servers of its pool": str(len(server.snapshot.hosts))}

    def is_needed(self, server: ServerFacts) -> bool:
        return True

    def obstacles(self, server: ServerFacts, choices: Choices) -> list[Finding]:
        found = []
        if len(server.snapshot.hosts) > 1:
            found.append(refusal("XENWEB_POOLS_PASSWORD", server, server.name_label, str(len(server.snapshot.hosts))))
        username = choices.usernames.get(server.uuid, ROOT)
        if username != ROOT:
            found.append(refusal("XENWEB_ONLY_ROOT", server, server.name_label, username))
        return found

    def plan(self, facts: Facts, choices: Choices) -> Sequence[Step]:
        return (ChangePassword(target=target(facts, choices)),)


STEPS: Final[Sequence[type[Step]]] = PasswordChange.steps
