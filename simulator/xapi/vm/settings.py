"""Fields of a VM whose setters check something (xapi_vm.ml, xapi_vm_memory_constraints.ml)."""

from collections.abc import Callable

from simulator.xapi.errors import XapiError
from simulator.xapi.operations_refresh import refresh_vm
from simulator.xapi.registry import Call, message
from simulator.xapi.rows import Row
from simulator.xapi.vm.operations import assert_may

Check = Callable[[Row, str, object], None]


def _not_negative(_vm: Row, field: str, value: object) -> None:
    if int(str(value)) < 0:
        raise XapiError("INVALID_VALUE", field, str(value))


def _halted(vm: Row, _field: str, value: object) -> None:
    assert_may(vm, "changing_static_range")
    if int(str(value)) < 1:
        raise XapiError("INVALID_VALUE", "VCPU values must satisfy: 0 < VCPUs_at_startup <= VCPUs_max", str(value))


def _anything(_vm: Row, _field: str, _value: object) -> None:
    return


SETTERS: dict[str, Check] = {
    "order": _not_negative,
    "start_delay": _not_negative,
    "shutdown_delay": _not_negative,
    "VCPUs_max": _halted,
    "VCPUs_at_startup": _halted,
    "HVM_boot_policy": _anything,
    "actions_after_crash": _anything,
    "bios_strings": _anything,
    "domain_type": _anything,
    "has_vendor_device": _anything,
}


def _setter(field: str, check: Check) -> None:
    @message("VM", f"set_{field}")
    def set_field(call: Call, ref: str, value: object) -> None:
        vm = Row(call.host.database, "VM", ref)
        check(vm, field, value)
        vm.set(**{field: value})
        refresh_vm(vm)


for _name, _check in SETTERS.items():
    _setter(_name, _check)


LIMITS = ("memory_static_min", "memory_static_max", "memory_dynamic_min", "memory_dynamic_max")


def _limit(vm: Row, operation: str, **changed: int) -> None:
    """static_min <= dynamic_min <= dynamic_max <= static_max (vm_memory_constraints.ml)."""
    assert_may(vm, operation)
    limits = {name: vm.number(name) for name in LIMITS} | changed
    static_min, static_max, dynamic_min, dynamic_max = limits.values()
    if not 0 < static_min <= dynamic_min <= dynamic_max <= static_max:
        raise XapiError("MEMORY_CONSTRAINT_VIOLATION_ORDER")
    vm.set(**changed)


@message("VM", "set_memory_limits")
def vm_set_memory_limits(call: Call, ref: str, *limits: int) -> None:
    """In the order static_min, static_max, dynamic_min, dynamic_max."""
    _limit(Row(call.host.database, "VM", ref), "changing_static_range", **dict(zip(LIMITS, limits, strict=True)))


@message("VM", "set_memory")
def vm_set_memory(call: Call, ref: str, value: int) -> None:
    """All limits at once, but for the lowest."""
    vm = Row(call.host.database, "VM", ref)
    least = min(vm.number("memory_static_min"), value)
    vm_set_memory_limits(call, ref, least, value, value, value)


def _range_setter(kind: str) -> None:
    @message("VM", f"set_memory_{kind}_range")
    def set_range(call: Call, ref: str, least: int, most: int) -> None:
        vm = Row(call.host.database, "VM", ref)
        _limit(vm, f"changing_{kind}_range", **{f"memory_{kind}_min": least, f"memory_{kind}_max": most})


def _limit_setter(name: str) -> None:
    kind = "static" if "static" in name else "dynamic"

    @message("VM", f"set_{name}")
    def set_limit(call: Call, ref: str, value: int) -> None:
        _limit(Row(call.host.database, "VM", ref), f"changing_{kind}_range", **{name: value})


for _name in LIMITS:
    _limit_setter(_name)
for _name in ("static", "dynamic"):
    _range_setter(_name)


def _free_places(vm: Row, kind: str, field: str) -> list[str]:
    used = {device.text(field) for device in vm.all(f"{kind}s", kind)}
    return [str(place) for place in range(PLACES[kind]) if str(place) not in used]


PLACES = {"VBD": 16, "VIF": 7}


@message("VM", "get_allowed_VBD_devices")
def vm_get_allowed_vbd_devices(call: Call, ref: str) -> list[str]:
    return _free_places(Row(call.host.database, "VM", ref), "VBD", "userdevice")


@message("VM", "get_allowed_VIF_devices")
def vm_get_allowed_vif_devices(call: Call, ref: str) -> list[str]:
    return _free_places(Row(call.host.database, "VM", ref), "VIF", "device")
