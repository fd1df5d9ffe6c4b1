"""Whether every VM can move away: what XAPI said of each, and what of that the plan solves (xapi_host.ml, evacuate)."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from pools.checks.evacuation import Answer
from pools.checks.finding import Finding, Severity
from pools.checks.report import unreadable
from pools.xapi.inventory import Snapshot
from pools.xapi.records import HostRecord, VMRecord

VM: Final = "VM"
"""Under which of a finding's values the uuid of its VM is."""
REFERENCE: Final = re.compile(r"OpaqueRef:[0-9A-Za-z-]{1,60}")
NEEDS_SR: Final = "VM_REQUIRES_SR"
UNPROTECTED: Final = frozenset({"HOST_EVACUATE_VM_NOT_HA_PROTECTED", "HOST_NOT_ENOUGH_FREE_MEMORY"})
SOME_SERVER: Final = frozenset(
    {
        NEEDS_SR,
        "HOST_CANNOT_ATTACH_NETWORK",
        "HOST_DISABLED",
        "HOST_NOT_ENOUGH_PCPUS",
        "HOST_NOT_LIVE",
        "NETWORK_SRIOV_INSUFFICIENT_CAPACITY",
        "VM_HOST_INCOMPATIBLE_VERSION",
        "VM_HOST_INCOMPATIBLE_VIRTUAL_HARDWARE_PLATFORM_VERSION",
        "VM_HVM_REQUIRED",
        "VM_INCOMPATIBLE_WITH_THIS_HOST",
        "VM_REQUIRES_GPU",
        "VM_REQUIRES_IOMMU",
        "VM_REQUIRES_NETWORK",
        "VM_REQUIRES_VGPU",
    }
)
"""One server that cannot take a VM is enough for XAPI to say so: another one may be able to (assert_can_boot_here)."""


@dataclass(frozen=True, kw_only=True)
class Emptying:
    """One server that leaves. ``own``: references of the storage that goes with it.

    ``moved``: by the key of a disk that moves, the uuid of the storage that it moves to.
    ``prevented`` by reference of the VM, ``refused`` and ``places`` by its uuid; ``ha``: HA is off by then.
    ``unanswered``: XAPI was asked, and did not say.
    """

    pool: Snapshot
    host: HostRecord
    prevented: Mapping[str, Answer] = field(default_factory=dict)
    refused: Mapping[str, Answer] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)
    own: frozenset[str] = frozenset()
    moved: Mapping[str, str] = field(default_factory=dict)
    ha: bool = False
    unanswered: bool = False

    def findings(self) -> Iterator[Finding]:
        """Each VM once: where it was sent and cannot go, else what keeps it; a note where the plan solves that."""
        if self.unanswered:
            yield unreadable(self.host.uuid, self.host.name_label, "which VMs cannot move away from it")
        for vm in sorted(self.guests(), key=lambda vm: (vm.name_label, vm.uuid)):
            kept, misplaced = self.prevented.get(vm.ref), self.misplaced(vm)
            if misplaced:
                yield self.finding(vm, misplaced, Severity.ERROR, f"to go to {self.place(vm)}")
            elif kept:
                solved = self.solved(vm, kept)
                yield self.finding(vm, kept, Severity.INFO if solved else Severity.ERROR, solved)

    def guests(self) -> list[VMRecord]:
        return [vm for vm in self.pool.vms.values() if vm.resident_on == self.host.ref and not vm.is_control_domain]

    def finding(self, vm: VMRecord, answer: Answer, severity: Severity, ours: str) -> Finding:
        code, *params = answer
        return Finding(
            code=code,
            subject=self.host.uuid,
            severity=severity,
            params=tuple(named(self.pool, param) for param in params),
            theirs=vm.name_label or vm.uuid,
            ours=ours,
            values={VM: vm.uuid},
        )

    def misplaced(self, vm: VMRecord) -> Answer:
        """Why a VM cannot go where it was sent, also when its disks have moved."""
        said = self.refused.get(vm.uuid, ())
        return () if said and self.needs_only_what_moves(vm, said) else said

    def solved(self, vm: VMRecord, answer: Answer) -> str:
        """What of the plan takes this out of the way, in words; empty when nothing does."""
        if self.needs_only_what_moves(vm, answer):
            return "its disks move first"
        unprotected = self.pool.pool.ha_enabled and vm.ha_restart_priority != "restart"
        if self.ha and unprotected and answer[0] in UNPROTECTED:
            return "high availability is off by then"
        if answer[0] in SOME_SERVER and vm.uuid in self.places and vm.uuid not in self.refused:
            return f"it goes to {self.place(vm)}"
        return ""

    def needs_only_what_moves(self, vm: VMRecord, answer: Answer) -> bool:
        """Whether it lacks nothing but storage of this server alone, and all that it has there moves while it runs.

        A running VM's disk moves only to storage that its server reaches (xapi_vdi.ml, pool_migrate).
        """
        if answer[0] != NEEDS_SR or not self.own.intersection(answer):
            return False
        there = [vbd.VDI for vbd in self.pool.vbds.values() if vm.ref == vbd.VM]
        disks = [self.pool.vdis[ref] for ref in there if ref in self.pool.vdis]
        return all(self.moved.get(f"vdi:{disk.uuid}") in self.reached for disk in disks if disk.SR in self.own)

    @cached_property
    def reached(self) -> set[str]:
        """The uuids of the storage that this server is connected to, and others are, too."""
        mine = {pbd.SR for pbd in self.pool.pbds.values() if pbd.host == self.host.ref and pbd.currently_attached}
        return {self.pool.srs[ref].uuid for ref in mine - self.own if ref in self.pool.srs}

    def place(self, vm: VMRecord) -> str:
        uuid = self.places.get(vm.uuid, "")
        host = self.pool.host(uuid)
        return host.name_label if host else uuid


def named(pool: Snapshot, text: str) -> str:
    """Write a param with names in place of XAPI's references; one that the pool does not know stays."""

    def name(found: re.Match[str]) -> str:
        for records in (pool.vms, pool.hosts, pool.srs, pool.networks, pool.vdis):
            record = records.get(found[0])
            if record is not None:
                return record.name_label or record.uuid
        return found[0]

    return REFERENCE.sub(name, text)
