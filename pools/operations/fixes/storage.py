"""Shared storage of a joiner: unplugged and forgotten. Its data stays where it is, on the array or the file server."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pools.checks.facts import Facts, ServerFacts
from pools.checks.finding import Finding, listed
from pools.checks.registry import refusal
from pools.operations.context import Context
from pools.operations.fixes.fix import Fix, FixStep, target
from pools.operations.kind import Choices
from pools.operations.step import ReversibleStep, Step
from pools.xapi.records import SRRecord

KEYS: Final = {
    "nfs": "server, serverpath",
    "lvmoiscsi": "target, targetIQN, SCSIid",
    "lvmohba": "SCSIid",
    "smb": "server",
    "cifs": "location",
    "iso": "location",
    "gfs2": "provider, ips, iqns, ScsiId",
}
"""What the storage is found by, without secrets; the values stand on the server until it is forgotten."""


@dataclass(frozen=True, kw_only=True)
class UnplugSR(FixStep, ReversibleStep):
    """PBD.unplug: the server lets go of the storage."""

    sr_uuid: str
    sr_name: str
    pbd_uuid: str

    @property
    def title(self) -> str:
        return f"Unplug {self.sr_name}"

    @property
    def call(self) -> str:
        return f"Async.PBD.unplug({self.pbd_uuid}) of {self.sr_name} {self.at}"

    @property
    def xe(self) -> str:
        return self.command("pbd-unplug", uuid=self.pbd_uuid)

    @property
    def undo_text(self) -> str:
        return "The storage is plugged again."

    @property
    def interruption(self) -> str:
        return f"{self.host} does not reach {self.sr_name} any more."

    def verify(self, ctx: Context) -> bool:
        found = self.xapi(ctx).found("PBD", self.pbd_uuid)
        return found is None or found[1].get("currently_attached") is False

    def run(self, ctx: Context) -> None:
        xapi = self.xapi(ctx)
        ctx.follow(xapi, xapi.pbd_unplug(xapi.ref_of("PBD", self.pbd_uuid)))

    def may_repeat(self, ctx: Context) -> bool:
        """Unplugging twice is unplugging once (xapi_pbd.ml, unplug)."""
        return True

    def undo(self, ctx: Context) -> None:
        xapi = self.xapi(ctx)
        if found := xapi.found("PBD", self.pbd_uuid):
            ctx.follow(xapi, xapi.pbd_plug(found[0]))


@dataclass(frozen=True, kw_only=True)
class ForgetSR(FixStep):
    """SR.forget: the records of the storage and its disks go. No undo: its configuration may hold secrets."""

    sr_uuid: str
    sr_name: str
    sr_type: str
    content_type: str
    vms: Sequence[str]

    @property
    def title(self) -> str:
        return f"Forget {self.sr_name}"

    @property
    def call(self) -> str:
        return f"Async.SR.forget({self.sr_name}, {self.sr_uuid}) {self.at}"

    @property
    def xe(self) -> str:
        return self.command("sr-forget", uuid=self.sr_uuid)

    @property
    def interruption(self) -> str:
        keys = KEYS.get(self.sr_type, "those that “xe pbd-list” shows now")
        vms = f" Its disks are taken from the records of {listed(list(self.vms), 12)}." if self.vms else ""
        return (
            f"Only records go; the data stays.{vms} To have it back: “xe sr-introduce uuid={self.sr_uuid} "
            f"type={self.sr_type} content-type={self.content_type} shared=true name-label=…”, then “xe pbd-create” "
            f"with device-config keys {keys}. Write down their values before: “xe pbd-list sr-uuid={self.sr_uuid} "
            "params=device-config”."
        )

    @property
    def look_at(self) -> Sequence[str]:
        return (f"{self.host}: “xe sr-list uuid={self.sr_uuid}”.",)

    def verify(self, ctx: Context) -> bool:
        return self.xapi(ctx).found("SR", self.sr_uuid) is None

    def run(self, ctx: Context) -> None:
        xapi = self.xapi(ctx)
        ctx.follow(xapi, xapi.sr_forget(xapi.ref_of("SR", self.sr_uuid)))

    def may_repeat(self, ctx: Context) -> bool:
        """It is still known: it was not forgotten."""
        return not self.verify(ctx)


class SharedSR(Fix):
    """No shared SR but the tools' on a server that joins (assert_no_shared_srs_on_me)."""

    kind = "fix_shared_sr"
    title = "Forget shared storage"
    solves = "Forget its shared storage"
    about = (
        "XAPI counts the records of shared storage, so unplugging alone does not suffice: the records are forgotten. "
        "The data is never touched, and the storage can be introduced again, in the pool too."
    )
    steps = (UnplugSR, ForgetSR)

    def rests_on(self, server: ServerFacts) -> Mapping[str, str]:
        said = [f"{sr.name_label} ({sr.uuid}; {', '.join(vms_of(server, sr)) or 'no VM'})" for sr in shared(server)]
        return {"shared storage": ", ".join(said)}

    def is_needed(self, server: ServerFacts) -> bool:
        return bool(shared(server))

    def obstacles(self, server: ServerFacts, choices: Choices) -> list[Finding]:
        """Nothing is taken from under a VM."""
        users = sorted({name for sr in shared(server) for name in vms_of(server, sr, only_now=True)})
        if not users:
            return []
        return [refusal("XENWEB_FIX_SR_IN_USE", server, server.name_label, listed(users), theirs=listed(users))]

    def plan(self, facts: Facts, choices: Choices) -> Sequence[Step]:
        server, where = facts.coordinator, target(facts, choices)
        steps: list[Step] = []
        for sr in shared(server):
            common = {"sr_uuid": sr.uuid, "sr_name": sr.name_label or sr.uuid}
            plugged = [pbd for pbd in server.snapshot.pbds.values() if sr.ref == pbd.SR and pbd.currently_attached]
            steps += [UnplugSR(target=where, pbd_uuid=pbd.uuid, **common) for pbd in plugged]
            kind = {"sr_type": sr.type, "content_type": sr.content_type}
            steps.append(ForgetSR(target=where, vms=vms_of(server, sr), **common, **kind))
        return steps


def shared(server: ServerFacts) -> list[SRRecord]:
    """The storage that XAPI would count, by name."""
    found = [sr for sr in server.snapshot.srs.values() if sr.shared and not sr.is_tools_sr]
    return sorted(found, key=lambda sr: (sr.name_label, sr.uuid))


def vms_of(server: ServerFacts, sr: SRRecord, *, only_now: bool = False) -> list[str]:
    """Name the VMs that have disks there; ``only_now``: those that use one at this moment."""
    here = server.snapshot
    drives = [vbd for vbd in here.vbds.values() if vbd.VDI in here.vdis and sr.ref == here.vdis[vbd.VDI].SR]
    refs = {vbd.VM for vbd in drives if vbd.currently_attached or not only_now}
    return sorted({here.vms[ref].name_label for ref in refs if ref in here.vms})
