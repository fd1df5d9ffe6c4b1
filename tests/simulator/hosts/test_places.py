"""Where a VM can run (xapi_vm_helpers.ml: assert_can_boot_here; pool.md 5.2)."""

from collections.abc import Callable

import pytest

from simulator.running import Simulation
from simulator.xapi.rows import Row, add
from simulator.xapi.vm.place import OTHER_FEATURES, OTHER_VENDOR, hosts_for, is_subset, why_not
from tests.simulator.hosts.lab import calm, error, row
from tests.simulator.rpc import Rpc

Change = Callable[[Row, Row], object]


def _names(vm: Row) -> list[str]:
    return [host.text("name_label") for host in hosts_for(vm)]


def test_a_vm_runs_where_its_disks_are_plugged() -> None:
    with calm() as sim:
        assert _names(row(sim, "VM", "roaming")) == ["one", "two"]
        assert _names(row(sim, "VM", "rooted")) == ["one"]
        vm = row(sim, "VM", "rooted").ref
        assert Rpc(sim.hosts[0]).call("VM.get_possible_hosts", vm) == [sim.hosts[0].ref]
        local = row(sim, "VDI", "rooted disk").text("SR")
        assert error(sim, "VM.assert_can_boot_here", vm, sim.hosts[1].ref) == ["VM_REQUIRES_SR", vm, local]


def _lone_network(vm: Row, host: Row) -> None:
    """Only the other host has a card there."""
    for pif in host.all("PIFs", "PIF"):
        if pif.text("network") == vm.all("VIFs", "VIF")[0].text("network"):
            host.database.delete("PIF", pif.ref)


def _metrics(host: Row) -> Row:
    return host.to("metrics", "host_metrics")


TABLE: tuple[tuple[Change, list[str]], ...] = (
    (lambda _vm, host: _metrics(host).set(live=False), ["HOST_NOT_LIVE"]),
    (lambda _vm, host: host.set(enabled=False), ["HOST_DISABLED", "<host>"]),
    (
        lambda vm, _host: vm.set(hardware_platform_version=9),
        ["VM_HOST_INCOMPATIBLE_VIRTUAL_HARDWARE_PLATFORM_VERSION", "<host>", "[0]", "<vm>", "9"],
    ),
    (
        lambda vm, _host: vm.set(last_boot_CPU_flags={"vendor": "AuthenticAMD", "features": ""}),
        ["VM_INCOMPATIBLE_WITH_THIS_HOST", "<vm>", "<host>", OTHER_VENDOR],
    ),
    (
        lambda vm, _host: vm.set(last_boot_CPU_flags={"vendor": "GenuineIntel", "features": "ffffffff"}),
        ["VM_INCOMPATIBLE_WITH_THIS_HOST", "<vm>", "<host>", OTHER_FEATURES],
    ),
    (_lone_network, ["VM_REQUIRES_NETWORK", "<vm>", "<network>"]),
    (lambda vm, _host: vm.set(other_config={"pci": "0/0000:01:00.0"}), ["VM_REQUIRES_IOMMU", "<host>"]),
    (
        lambda vm, _host: add(vm.database, "VUSB", VM=vm.ref, uuid="stick"),
        ["OPERATION_NOT_ALLOWED", "VUSB <vusb> is not available on Host <host>"],
    ),
    (lambda _vm, host: host.set(capabilities=["xen-3.0-x86_64"]), ["VM_HVM_REQUIRED", "<vm>"]),
    (lambda vm, _host: vm.set(VCPUs_max=99), ["HOST_NOT_ENOUGH_PCPUS", "99", "16"]),
)


@pytest.mark.parametrize(("change", "expected"), TABLE, ids=[wanted[0] for _change, wanted in TABLE])
def test_each_reason_has_its_code_and_parameters(change: Change, expected: list[str]) -> None:
    with calm() as sim:
        vm, host = row(sim, "VM", "roaming"), row(sim, "host", "two")
        spoken = {"<vm>": vm.ref, "<host>": host.ref, "<network>": vm.all("VIFs", "VIF")[0].text("network")}
        assert why_not(vm, host) is None
        change(vm, host)
        found = why_not(vm, host)
        assert found
        spoken["<vusb>"] = "".join(vm.items("VUSBs"))
        assert found.description == [_said(part, spoken) for part in expected]


def _said(part: str, spoken: dict[str, str]) -> str:
    for word, ref in spoken.items():
        part = part.replace(word, ref)
    return part


def test_an_earlier_reason_hides_a_later_one() -> None:
    with calm() as sim:
        vm, host = row(sim, "VM", "rooted"), row(sim, "host", "two")
        vm.set(VCPUs_max=99)
        assert _code(sim, vm, host) == "VM_REQUIRES_SR"
        host.set(enabled=False)
        assert _code(sim, vm, host) == "HOST_DISABLED"


def _code(_sim: Simulation, vm: Row, host: Row) -> str:
    found = why_not(vm, host)
    return found.code if found else ""


def test_features_that_one_side_does_not_mention_count_as_absent() -> None:
    assert is_subset("00000003-00000000", "00000007")
    assert not is_subset("00000003-00000001", "00000007")
