"""Fields of a VM whose setters check something (xapi_vm.ml, xapi_vm_memory_constraints.ml)."""

from collections.abc import Callable

from simulator.xapi.errors import XapiError
from simulator.xapi.operations_refresh import refresh_vm
from simulator.xapi.registry import Call, message
from simulator.xapi.rows import Row
from simulator.xapi.vm_operations import assert_may

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


@message("VM", "set_memory_limits")
def vm_set_memory_limits(call: Call, ref: str, *limits: int) -> None:
    """static_min <= dynamic_min <= dynamic_max <= static_max; limits come as static_min, static_max, then dynamic."""
    static_min, static_max, dynamic_min, dynamic_max = limits
    vm = Row(call.host.database, "VM", ref)
    assert_may(vm, "changing_static_range")
    if not 0 < static_min <= dynamic_min <= dynamic_max <= static_max:
        raise XapiError("MEMORY_CONSTRAINT_VIOLATION_ORDER")
    vm.set(
        memory_static_min=static_min,
        memory_static_max=static_max,
        memory_dynamic_min=dynamic_min,
        memory_dynamic_max=dynamic_max,
    )


@message("VM", "set_memory")
def vm_set_memory(call: Call, ref: str, value: int) -> None:
    vm = Row(call.host.database, "VM", ref)
    vm_set_memory_limits(call, ref, min(vm.number("memory_static_min"), value), value, value, value)
