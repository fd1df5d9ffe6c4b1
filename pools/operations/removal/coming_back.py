"""After its eject the server reboots and becomes a pool of its own: each phase is waited for, and proved."""

from dataclasses import dataclass

from django.conf import settings

from pools import inventories
from pools.operations.context import Context
from pools.operations.removal.following import FollowingStep
from pools.operations.step import Differs
from pools.operations.underway import is_underway
from pools.xapi.errors import XapiError

ENABLE = "Async.host.enable"


@dataclass(frozen=True, kw_only=True)
class AwaitShutdown(FollowingStep):
    """The server reboots ten seconds after its eject (xapi_fuse.ml); until then it answers as before."""

    old_pool_uuid: str

    @property
    def title(self) -> str:
        return f"Wait until {self.host_name} goes down"

    @property
    def expected_seconds(self) -> float:
        return 30.0

    @property
    def patience(self) -> float:
        """It goes down at once, or not at all."""
        return float(settings.PATIENCE)

    def verify(self, ctx: Context) -> bool:
        """It does not answer; or it is back already, as a pool of its own."""
        try:
            answer = self.asked(ctx)
        except XapiError as error:
            ctx.notes.proved = f"{self.host_name} does not answer any more ({error.code})."
            return True
        own = None if answer.is_member else self.own_pool(ctx)
        ctx.notes.missing = f"{self.host_name} still answers, as before."
        return own is not None and own.pool.uuid != self.old_pool_uuid


@dataclass(frozen=True, kw_only=True)
class AwaitAnswer(FollowingStep):
    """The server answers again, with the certificate that is trusted: the reboot keeps it (reset-and-reboot)."""

    @property
    def title(self) -> str:
        return f"Wait until {self.host_name} answers again"

    @property
    def expected_seconds(self) -> float:
        return 300.0

    def verify(self, ctx: Context) -> bool:
        server = ctx.server(self.host_uuid)
        try:
            self.asked(ctx)
        except XapiError as error:
            ctx.notes.missing = f"{self.host_name} does not answer at {server.address} ({error.code})."
            return False
        ctx.notes.proved = f"{self.host_name} answers at {server.address}, with the certificate that is trusted."
        return True


@dataclass(frozen=True, kw_only=True)
class AwaitToolstack(FollowingStep):
    """XAPI takes logins again, and not as a member: role and database are new (xapi_pool.ml, eject_self)."""

    @property
    def title(self) -> str:
        return f"Wait until XAPI runs on {self.host_name}"

    @property
    def expected_seconds(self) -> float:
        return 60.0

    def verify(self, ctx: Context) -> bool:
        try:
            answer = self.asked(ctx)
        except XapiError as error:
            ctx.notes.missing = f"{self.host_name} does not answer ({error.code})."
            return False
        ctx.notes.missing = f"XAPI is still starting on {self.host_name} ({answer.code})."
        return answer.is_ready

    def run(self, ctx: Context) -> None:
        """Who still believes in its pool after a while does so for good."""
        waited = 0.0
        while not self.verify(ctx):
            waited = self.pause(ctx, waited, ctx.notes.missing)
            if waited >= self.settles_in:
                self.assert_no_member(ctx)

    def assert_no_member(self, ctx: Context) -> None:
        try:
            answer = self.asked(ctx)
        except XapiError:
            return
        if answer.is_member:
            raise Differs("XENWEB_STILL_A_MEMBER", (self.host_name, answer.coordinator or self.coordinator_name))


@dataclass(frozen=True, kw_only=True)
class AwaitOwnPool(FollowingStep):
    """It is the only server of a new pool, under its old uuid, and the old pool's password opens it."""

    old_pool_uuid: str

    @property
    def title(self) -> str:
        return f"See {self.host_name} come back as a pool of its own"

    @property
    def expected_seconds(self) -> float:
        return 60.0

    def verify(self, ctx: Context) -> bool:
        own = self.own_pool(ctx)
        if own is None or own.pool.uuid == self.old_pool_uuid or own.master.uuid != self.host_uuid:
            return False
        inventories.take_leaver(ctx.server(self.host_uuid))
        ctx.notes.proved = f"{self.host_name} is a pool of its own, and the old pool’s password opens it."
        return True


@dataclass(frozen=True, kw_only=True)
class EnableAgain(FollowingStep):
    """That it was disabled for the removal outlives the reboot (host.disable, auto_enable): it is enabled again."""

    @property
    def title(self) -> str:
        return f"Let VMs start on {self.host_name} again"

    @property
    def call(self) -> str:
        return f"{ENABLE}({self.host_name}, {self.host_uuid}) on {self.host_name}"

    def verify(self, ctx: Context) -> bool:
        own = self.own_pool(ctx)
        return own is not None and own.master.enabled

    def run(self, ctx: Context) -> None:
        xapi = ctx.xapi(self.host_uuid)
        ctx.follow(xapi, xapi.host_enable(xapi.ref_of("host", self.host_uuid)))

    def may_repeat(self, ctx: Context) -> bool:
        """No such call is under way on the server, and it is still disabled."""
        return not is_underway(ctx.xapi(self.host_uuid), ENABLE) and not self.verify(ctx)
