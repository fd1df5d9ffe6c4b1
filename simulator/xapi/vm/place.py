"""Where a VM can run: each host is asked in xapi's order (xapi_vm_helpers.ml: assert_can_boot_here)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from simulator.world.features import intersect, parse, render
from simulator.xapi.errors import XapiError
from simulator.xapi.forwarding import is_live
from simulator.xapi.host.memory import free_memory
from simulator.xapi.registry import Call, message
from simulator.xapi.rows import NULL, Row, first, rows
from simulator.xapi.storage.rows import plugged_srs
from simulator.xapi.versions import release_of

OTHER_VENDOR = "VM last booted on a host which had a CPU from a different vendor."
OTHER_FEATURES = "VM last booted on a CPU with features this host's CPU does not have."
NO_KEYS = "Host does not have new levelling feature keys - not comparing VM's flags"


@dataclass(frozen=True, kw_only=True)
class Asking:
    """What is asked: xapi leaves out some checks for some callers."""

    cpu: bool = True
    memory: bool = True


def assert_can_boot_here(vm: Row, host: Row, asking: Asking = Asking()) -> None:
    """The first reason why this VM cannot run on this host."""
    for check in CHECKS:
        check(vm, host)
        if check is assert_hardware_version and asking.cpu:
            assert_cpu_fits(vm, host)
    if asking.memory:
        assert_memory(vm, host)


def hosts_for(vm: Row) -> list[Row]:
    """The hosts on which this VM could run now (get_possible_hosts_for_vm)."""
    return [host for host in rows(vm.database, "host") if why_not(vm, host) is None]


def why_not(vm: Row, host: Row, asking: Asking = Asking()) -> XapiError | None:
    try:
        assert_can_boot_here(vm, host, asking)
    except XapiError as error:
        return error
    return None


def assert_live(_vm: Row, host: Row) -> None:
    if not is_live(host):
        raise XapiError("HOST_NOT_LIVE")


def assert_enabled(_vm: Row, host: Row) -> None:
    if not host.flag("enabled"):
        raise XapiError("HOST_DISABLED", host.ref)


def assert_hardware_version(vm: Row, host: Row) -> None:
    known, wanted = host.items("virtual_hardware_platform_versions"), vm.number("hardware_platform_version")
    if wanted not in [int(each) for each in known]:
        listed = f"[{'; '.join(str(each) for each in known)}]"
        code = "VM_HOST_INCOMPATIBLE_VIRTUAL_HARDWARE_PLATFORM_VERSION"
        raise XapiError(code, host.ref, listed, vm.ref, str(wanted))


def assert_cpu_fits(vm: Row, host: Row) -> None:
    """Vendor and features of the CPU that the VM was started on (cpuid_helpers.ml: assert_vm_is_compatible)."""
    if vm.text("power_state") == "Halted":
        return
    flags, info = vm.mapping("last_boot_CPU_flags"), host.mapping("cpu_info")
    reason = _unfit(flags, info, "features_hvm" if is_hvm(vm) else "features_pv")
    if reason:
        raise XapiError("VM_INCOMPATIBLE_WITH_THIS_HOST", vm.ref, host.ref, reason)


def _unfit(flags: dict[str, str], info: dict[str, str], key: str) -> str:
    if not flags:
        return ""
    if "vendor" not in info or key not in info:
        return NO_KEYS
    if flags.get("vendor") != info["vendor"]:
        return OTHER_VENDOR
    return "" if is_subset(flags.get("features", ""), info[key]) else OTHER_FEATURES


def is_subset(features: str, of: str) -> bool:
    """Whether a CPU with features `of` can do all that `features` promise; missing words are zero."""
    if not features:
        return True
    common = parse(intersect(features, of or render((0,))))
    return not any(a & ~b for a, b in zip(parse(features), common, strict=False))


def is_hvm(vm: Row) -> bool:
    return vm.text("HVM_boot_policy") != ""


def disks(vm: Row) -> Iterator[Row]:
    """The virtual disks that stand in the VM's drives."""
    for vbd in vm.all("VBDs", "VBD"):
        vdi = vbd.to("VDI", "VDI")
        if not vbd.flag("empty") and vm.database.has("VDI", vdi.ref):
            yield vdi


def assert_storage(vm: Row, host: Row) -> None:
    attached = plugged_srs(host)
    for vdi in disks(vm):
        if vdi.text("SR") not in attached:
            raise XapiError("VM_REQUIRES_SR", vm.ref, vdi.text("SR"))


def assert_networks(vm: Row, host: Row) -> None:
    """A network without PIFs is everywhere; a bond's member carries no other network than the bond's."""
    for vif in vm.all("VIFs", "VIF"):
        network = vif.to("network", "network")
        if not vm.database.has("network", network.ref):
            continue
        pifs = network.all("PIFs", "PIF")
        shared = network.mapping("other_config").get("assume_network_is_shared") == "true"
        here = [pif for pif in pifs if pif.text("host") == host.ref]
        if pifs and not here and not shared:
            raise XapiError("VM_REQUIRES_NETWORK", vm.ref, network.ref)
        if any(pif.text("bond_slave_of") != NULL for pif in here):
            raise XapiError("HOST_CANNOT_ATTACH_NETWORK", host.ref, network.ref)


def assert_not_older(vm: Row, target: Row) -> None:
    """A running VM moves to the same or a higher release only."""
    source = vm.to("resident_on", "host")
    if vm.database.has("host", source.ref) and release_of(target) < release_of(source):
        raise XapiError("VM_HOST_INCOMPATIBLE_VERSION_MIGRATE", target.ref, vm.ref)


def assert_iommu(vm: Row, host: Row) -> None:
    """A VM with passed-through devices needs a host that can do it."""
    if "pci" in vm.mapping("other_config") and host.mapping("chipset_info").get("iommu") != "true":
        raise XapiError("VM_REQUIRES_IOMMU", host.ref)


def assert_usb(vm: Row, host: Row) -> None:
    for vusb in vm.all("VUSBs", "VUSB"):
        if first(vm.database, "PUSB", host=host.ref, USB_group=vusb.text("USB_group")) is None:
            reason = f"VUSB {vusb.ref} is not available on Host {host.ref}"
            raise XapiError("OPERATION_NOT_ALLOWED", reason)


def assert_hvm(vm: Row, host: Row) -> None:
    if is_hvm(vm) and not any("hvm" in each for each in host.items("capabilities")):
        raise XapiError("VM_HVM_REQUIRED", vm.ref)


def assert_processors(vm: Row, host: Row) -> None:
    wanted, there = vm.number("VCPUs_max"), len(host.items("host_CPUs"))
    if wanted > there:
        raise XapiError("HOST_NOT_ENOUGH_PCPUS", str(wanted), str(there))


def assert_memory(vm: Row, host: Row) -> None:
    if vm.text("resident_on") == host.ref:
        return
    needed, free = vm.number("memory_dynamic_min"), free_memory(host)
    if needed > free:
        raise XapiError("HOST_NOT_ENOUGH_FREE_MEMORY", str(needed), str(free))


CHECKS: tuple[Callable[[Row, Row], None], ...] = (
    assert_live,
    assert_enabled,
    assert_hardware_version,
    assert_storage,
    assert_networks,
    assert_iommu,
    assert_usb,
    assert_hvm,
    assert_processors,
)


@message("VM", "get_possible_hosts")
def vm_get_possible_hosts(call: Call, vm: str) -> list[str]:
    return [host.ref for host in hosts_for(Row(call.host.database, "VM", vm))]


@message("VM", "assert_can_boot_here")
def vm_assert_can_boot_here(call: Call, vm: str, host: str) -> None:
    database = call.host.database
    assert_can_boot_here(Row(database, "VM", vm), Row(database, "host", host))
