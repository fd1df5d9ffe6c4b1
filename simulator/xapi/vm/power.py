"""Power calls of a VM: its state, then a place, then the work on the host where it lives (xapi_vm.ml)."""

from collections.abc import Callable

from simulator.world.faults import latent
from simulator.world.host import HostMachine
from simulator.xapi.decoding import wire_time
from simulator.xapi.errors import XapiError
from simulator.xapi.exclusive import exclusively
from simulator.xapi.forwarding import forwarded
from simulator.xapi.network.networks import with_networks
from simulator.xapi.operations import refuse_if_not_allowed
from simulator.xapi.operations_refresh import refresh_vm
from simulator.xapi.registry import Call, message
from simulator.xapi.rows import NULL, Row, first
from simulator.xapi.storage.disks import add_to_sr
from simulator.xapi.vm import state as vm_state
from simulator.xapi.vm.operations import assert_may
from simulator.xapi.vm.place import assert_can_boot_here, assert_not_older, hosts_for
from simulator.xapi.vm.reset import reset

MIGRATION_FAILS = latent("vm_migration_fails", "a VM cannot be moved; data.vm narrows it")


def _vm(call: Call, ref: str) -> Row:
    return Row(call.host.database, "VM", ref)


def _where_it_lives(call: Call, ref: str, operation: str, work: Callable[[Row], None]) -> None:
    """A halted or suspended VM lives nowhere: the master does it."""
    vm = _vm(call, ref)
    with exclusively(vm, operation, assert_may, call):
        home = vm.text("resident_on")
        if home == NULL:
            work(vm)
        else:
            forwarded(call, home, lambda _machine: work(vm))
        refresh_vm(vm)


def choose_host(vm: Row) -> Row:
    """Its affinity if it can, else the host with most free memory."""
    able = hosts_for(vm)
    if not able:
        raise XapiError("NO_HOSTS_AVAILABLE")
    favourite = [host for host in able if host.ref == vm.text("affinity")]
    return favourite[0] if favourite else max(able, key=_free)


def _free(host: Row) -> int:
    return host.to("metrics", "host_metrics").number("memory_free")


def _state(paused: bool) -> str:  # noqa: FBT001 - as the wire says it
    return "Paused" if paused else "Running"


def _started(machine: HostMachine, vm: Row, host: Row, state: str) -> None:
    """Its metrics keep when that was (xapi_vm.ml, start)."""
    vm_state.start_on(with_networks(machine, vm), host, state)
    metrics = vm.to("metrics", "VM_metrics")
    if vm.database.has("VM_metrics", metrics.ref):
        metrics.set(start_time=wire_time(machine.now()))


@message("VM", "start")
def vm_start(call: Call, ref: str, start_paused: bool, force: bool) -> None:  # noqa: FBT001 - the wire's own order
    vm = _vm(call, ref)
    with exclusively(vm, "start", assert_may, call):
        host = choose_host(vm)
        forwarded(call, host.ref, lambda machine: _started(machine, vm, host, _state(start_paused)))


@message("VM", "start_on")
def vm_start_on(call: Call, ref: str, host: str, *how: bool) -> None:
    """How: start_paused, force."""
    vm, place = _vm(call, ref), Row(call.host.database, "host", host)
    with exclusively(vm, "start_on", assert_may, call):
        assert_not_evacuating(place)
        assert_can_boot_here(vm, place)
        forwarded(call, host, lambda machine: _started(machine, vm, place, _state(how[0])))


def assert_not_evacuating(host: Row) -> None:
    if "evacuate" in host.mapping("current_operations").values():
        raise XapiError("HOST_EVACUATE_IN_PROGRESS", host.ref)


@message("VM", "resume")
def vm_resume(call: Call, ref: str, start_paused: bool, force: bool) -> None:  # noqa: FBT001 - the wire's own order
    vm = _vm(call, ref)
    with exclusively(vm, "resume", assert_may, call):
        host = choose_host(vm)
        forwarded(
            call, host.ref, lambda machine: vm_state.resume_on(with_networks(machine, vm), host, _state(start_paused))
        )


@message("VM", "resume_on")
def vm_resume_on(call: Call, ref: str, host: str, *how: bool) -> None:
    """How: start_paused, force. The target must have the CPU that the VM was started with."""
    vm, place = _vm(call, ref), Row(call.host.database, "host", host)
    with exclusively(vm, "resume_on", assert_may, call):
        assert_can_boot_here(vm, place)
        forwarded(call, host, lambda machine: vm_state.resume_on(with_networks(machine, vm), place, _state(how[0])))


def _stops(name: str) -> None:
    @message("VM", name)
    def stop(call: Call, ref: str) -> None:
        _where_it_lives(call, ref, name, vm_state.stop)


for _name in ("clean_shutdown", "hard_shutdown", "shutdown"):
    _stops(_name)


def _reboots(name: str) -> None:
    @message("VM", name)
    def reboot(call: Call, ref: str) -> None:
        """A reboot is a start: the VM takes the pool's CPU level of this moment."""
        _where_it_lives(call, ref, name, lambda vm: vm_state.start_on(vm, vm.to("resident_on", "host")))


for _name in ("clean_reboot", "hard_reboot"):
    _reboots(_name)


@message("VM", "pause")
def vm_pause(call: Call, ref: str) -> None:
    _where_it_lives(call, ref, "pause", lambda vm: vm.set(power_state="Paused"))


@message("VM", "unpause")
def vm_unpause(call: Call, ref: str) -> None:
    _where_it_lives(call, ref, "unpause", lambda vm: vm.set(power_state="Running"))


@message("VM", "suspend")
def vm_suspend(call: Call, ref: str) -> None:
    """Its memory goes to an image on the suspend SR of the VM, the host or the pool."""
    _where_it_lives(call, ref, "suspend", _suspend)


def _suspend(vm: Row) -> None:
    sr = _suspend_sr(vm)
    size = vm.number("memory_static_max")
    about = {"name_label": "Suspend image", "type": "suspend", "virtual_size": size, "physical_utilisation": size}
    image = add_to_sr(sr, managed=True, read_only=False, sharable=False, other_config={}, **about)
    vm_state.suspend_to(vm, image)


def _suspend_sr(vm: Row) -> Row:
    pool = first(vm.database, "pool")
    wanted = [vm.text("suspend_SR"), vm.to("resident_on", "host").text("suspend_image_sr")]
    for ref in [*wanted, pool.text("suspend_image_SR") if pool else NULL]:
        if vm.database.has("SR", ref):
            return Row(vm.database, "SR", ref)
    raise XapiError("VM_NO_SUSPEND_SR", vm.ref)


@message("VM", "power_state_reset")
def vm_power_state_reset(call: Call, ref: str) -> None:
    """Only the rows: for a VM whose host is certainly off."""
    vm = _vm(call, ref)
    assert_may(vm, "power_state_reset")
    reset(vm)
    vm_state.stop(vm)


@message("VM", "pool_migrate")
def vm_pool_migrate(call: Call, ref: str, host: str, options: dict[str, str]) -> None:
    vm, target = _vm(call, ref), Row(call.host.database, "host", host)
    migrate(call, vm, target)


def migrate(call: Call, vm: Row, target: Row) -> None:
    """The source sends, the target's operation shows it; a VM is never in two places (message_forwarding.ml)."""
    vm_moves = exclusively(vm, "pool_migrate", assert_may, call)
    with vm_moves, exclusively(target, "vm_migrate", refuse_if_not_allowed, None):
        assert_not_older(vm, target)
        assert_can_boot_here(vm, target)
        source = vm.text("resident_on")
        forwarded(call, source, lambda machine: _send(machine, vm, target))


def _send(machine: HostMachine, vm: Row, target: Row) -> None:
    machine.life.pause(machine.world.timing.migration)
    if machine.world.faults.strikes(MIGRATION_FAILS, machine.name, vm=vm.text("name_label")):
        told = (vm.ref, vm.text("resident_on"), target.ref, "The connection was lost")
        raise XapiError("VM_MIGRATE_FAILED", *told)
    vm_state.move(with_networks(machine.world.machine(target.uuid), vm), target)


@message("VM", "update_allowed_operations")
def vm_update_allowed_operations(call: Call, ref: str) -> None:
    refresh_vm(_vm(call, ref))


@message("VM", "assert_operation_valid")
def vm_assert_operation_valid(call: Call, ref: str, operation: str) -> None:
    assert_may(_vm(call, ref), operation)
