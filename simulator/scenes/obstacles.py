"""Guests that are in the way of an evacuation, each for one reason, by name (pool.md 5.2)."""

from collections.abc import Callable

from simulator.world.features import parse, render
from simulator.xapi.network.rows import add_network, create_vlan, next_bridge, physical_pifs
from simulator.xapi.rows import Row, add

Make = Callable[[Row], object]
LONE_TAG = 3999


def _fields(**fields: object) -> Make:
    return lambda vm: vm.set(**fields)


def _metrics(**fields: object) -> Make:
    return lambda vm: vm.to("metrics", "VM_metrics").set(**fields)


def _tools(**other: str) -> Make:
    """What the guest's own software says of itself."""

    def make(vm: Row) -> None:
        told = {name.replace("_", "-"): value for name, value in other.items()}
        vm.set(guest_metrics=add(vm.database, "VM_guest_metrics", other=told).ref)

    return make


def _disk(**fields: object) -> Make:
    return lambda vm: vm.all("VBDs", "VBD")[0].to("VDI", "VDI").set(**fields)


def _other_vendor(vm: Row) -> None:
    vm.set(last_boot_CPU_flags={"vendor": "AuthenticAMD", "features": ""})


def _more_features(vm: Row) -> None:
    """It was started on a CPU that could do everything."""
    flags = vm.mapping("last_boot_CPU_flags")
    most = render(tuple(0xFFFFFFFF for _word in parse(flags["features"])))
    vm.set(last_boot_CPU_flags=flags | {"features": most})


def _lone_network(vm: Row) -> None:
    """A VLAN that no other host has."""
    host = vm.to("resident_on", "host")
    network = add_network(vm.database, f"Only on {host.text('name_label')}", next_bridge(vm.database))
    create_vlan(physical_pifs(host)[-1], LONE_TAG, network)
    add(vm.database, "VIF", VM=vm.ref, network=network.ref, device="0", MTU=1500, currently_attached=True)


def _device(cls: str) -> Make:
    def make(vm: Row) -> None:
        if cls == "PCI":
            vm.set(attached_PCIs=[add(vm.database, "PCI", host=vm.text("resident_on"), pci_id="0000:3b:00.0").ref])
        else:
            add(vm.database, cls, VM=vm.ref, currently_attached=True)

    return make


OBSTACLES: dict[str, Make] = {
    "blocked": _fields(blocked_operations={"pool_migrate": "VM_OPERATION_BLOCKED"}),
    "busy": _fields(current_operations={"OpaqueRef:an-export": "snapshot"}),
    "immobile": _metrics(nomigrate=True),
    "nested": _metrics(nested_virt=True),
    "not-suspendable": _tools(data_cant_suspend_reason="a card of its own", feature_suspend="1"),
    "without-tools": _tools(),
    "reset-on-boot": _disk(on_boot="reset", allow_caching=True),
    "pci": _device("PCI"),
    "usb": _device("VUSB"),
    "iommu": _fields(other_config={"pci": "0/0000:3b:00.0"}),
    "old-hardware": _fields(hardware_platform_version=9),
    "other-vendor": _other_vendor,
    "more-features": _more_features,
    "lone-network": _lone_network,
}
