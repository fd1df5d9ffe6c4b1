"""Fixes of a server's own pool record: HA off, certificates verified; and waiting for what others do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pools.checks.facts import Facts, ServerFacts
from pools.operations.context import Context
from pools.operations.fixes.fix import Fix, FixStep, target
from pools.operations.high_availability import DisableHA
from pools.operations.joins import ha_params
from pools.operations.kind import Choices
from pools.operations.step import Step
from pools.xapi.gateway import DEFAULT, Xapi
from pools.xapi.inventory import Snapshot

LOOK_AGAIN_AFTER: Final = 1.0
WAIT_SECONDS: Final = 1800.0


def pool_says(xapi: Xapi, name: str) -> bool:
    """Read one flag of the pool's record."""
    return any(bool(pool.get(name)) for pool in xapi.records("pool").values())


@dataclass(frozen=True, kw_only=True)
class SwitchHAOff(DisableHA):
    """pool.disable_ha on the server's own pool: it has none left once it has joined another."""

    @property
    def title(self) -> str:
        return f"Switch HA off on {self.coordinator_name}"

    @property
    def repeats(self) -> bool:
        return False

    @property
    def interruption(self) -> str:
        srs = f" heartbeat-sr-uuids={','.join(self.heartbeat_srs)}" if self.heartbeat_srs else ""
        back = f"“xe pool-ha-enable{srs}” on {self.coordinator_name}"
        return f"Nothing restarts its VMs by itself any more. Should it not join after all: {back}."


@dataclass(frozen=True, kw_only=True)
class VerifyCertificates(FixStep):
    """pool.enable_tls_verification. No undo: XAPI has no call that switches it off."""

    @property
    def title(self) -> str:
        return f"Verify certificates in the pool of {self.host}"

    @property
    def call(self) -> str:
        return f"pool.enable_tls_verification() {self.at}"

    @property
    def xe(self) -> str:
        return self.command("pool-enable-tls-verification")

    @property
    def interruption(self) -> str:
        return "No interruption; it cannot be switched off again."

    def verify(self, ctx: Context) -> bool:
        return pool_says(self.xapi(ctx), "tls_verification_enabled")

    def run(self, ctx: Context) -> None:
        self.xapi(ctx).pool_enable_tls_verification()

    def may_repeat(self, ctx: Context) -> bool:
        """Switching it on twice is switching it on once."""
        return True


@dataclass(frozen=True, kw_only=True)
class WaitForOthers(FixStep):
    """Wait until no VM is busy and no update is installed. Sends nothing, and cancels nothing of others."""

    seconds: float = WAIT_SECONDS

    @property
    def title(self) -> str:
        return f"Wait for what is under way on {self.host}"

    @property
    def expected_seconds(self) -> float:
        return 120.0

    @property
    def patience(self) -> float:
        return self.seconds

    @property
    def look_at(self) -> Sequence[str]:
        return (f"{self.host}: “xe task-list params=uuid,name-label,status,progress”.",)

    def verify(self, ctx: Context) -> bool:
        waits = busy(Snapshot.from_wire({name: self.xapi(ctx).records(wire) for name, wire in LOOKED_AT.items()}))
        ctx.notes.missing = f"Under way: {waits}" if waits else ""
        return not waits

    def run(self, ctx: Context) -> None:
        while not self.verify(ctx):
            ctx.notes.waiting_for(f"Waiting for {ctx.notes.missing.removeprefix('Under way: ')}")
            ctx.pause(LOOK_AGAIN_AFTER)


LOOKED_AT: Final = {"pool": "pool", "vm": "VM"}


def busy(snapshot: Snapshot) -> str:
    """Say what the checks would find under way (rows 10, 31, 32)."""
    vms = [
        f"{vm.name_label} ({', '.join(sorted(set(vm.current_operations.values())))})"
        for vm in snapshot.vms.values()
        if vm.current_operations
    ]
    updating = "apply_updates" in snapshot.pool.current_operations.values()
    return ", ".join([*sorted(vms), *(["the pool’s updates (apply_updates)"] if updating else [])])


class HAOff(Fix):
    """HA is off on a server that joins (ha_is_not_enable_on_me)."""

    kind = "fix_ha_off"
    title = "Switch HA off"
    solves = "Switch its HA off"
    about = (
        "A joining server runs no HA of its own. After the join it is under the pool’s HA, if the pool has it. The "
        "pool’s own HA does not come back by itself: undo this plan afterwards, or switch it on by hand."
    )
    steps = (SwitchHAOff,)
    reads = DEFAULT

    def rests_on(self, server: ServerFacts) -> Mapping[str, str]:
        return {"HA": "on" if server.snapshot.pool.ha_enabled else "off"}

    def is_needed(self, server: ServerFacts) -> bool:
        return server.snapshot.pool.ha_enabled

    def plan(self, facts: Facts, choices: Choices) -> Sequence[Step]:
        return [SwitchHAOff(**ha_params(facts, choices))]


class Verification(Fix):
    """Both sides verify certificates, or none does (assert_tls_verification_matches)."""

    kind = "fix_tls_verification"
    title = "Verify certificates"
    solves = "Switch certificate verification on"
    about = (
        "The hosts of a pool then accept each other’s connections only with the certificates they know. Both sides "
        "must agree; the weaker one is raised. It cannot be switched off again."
    )
    steps = (VerifyCertificates,)
    reads = DEFAULT

    def rests_on(self, server: ServerFacts) -> Mapping[str, str]:
        return {"certificate verification": "on" if server.snapshot.pool.tls_verification_enabled else "off"}

    def is_needed(self, server: ServerFacts) -> bool:
        return not server.snapshot.pool.tls_verification_enabled

    def plan(self, facts: Facts, choices: Choices) -> Sequence[Step]:
        return [VerifyCertificates(target=target(facts, choices))]


class Wait(Fix):
    """No VM is busy and no update is under way (assert_no_vms_with_current_ops, assert_not_in_updating_on_me)."""

    kind = "fix_wait"
    title = "Wait for what is under way"
    solves = "Wait for it"
    about = "xenweb looks until it is over, for half an hour at most, then asks you. Nothing of others is cancelled."
    steps = (WaitForOthers,)
    reads = DEFAULT

    def rests_on(self, server: ServerFacts) -> Mapping[str, str]:
        return {}

    def is_needed(self, server: ServerFacts) -> bool:
        return bool(busy(server.snapshot))

    def plan(self, facts: Facts, choices: Choices) -> Sequence[Step]:
        return [WaitForOthers(target=target(facts, choices))]
