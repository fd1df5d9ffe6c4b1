"""What a scene says beyond single servers, written when its servers and pools are there."""

from collections.abc import Sequence

from simulator.scenes.damages import DAMAGES
from simulator.scenes.model import HostSpec, PoolSpec, VmSpec
from simulator.scenes.obstacles import OBSTACLES
from simulator.world.host import HostMachine
from simulator.world.world import World
from simulator.xapi.machines import host_row, pool_row
from simulator.xapi.network.plugs import write_plugs
from simulator.xapi.operations_refresh import refresh_operations
from simulator.xapi.pool.ha import switch_on
from simulator.xapi.rows import Row, first
from simulator.xapi.vm.rows import add_guest
from simulator.xapi.vm.state import move, start_on

NETMASK = "255.255.255.0"


def apply(world: World, machines: Sequence[HostMachine], pools: Sequence[PoolSpec]) -> None:
    """For these servers and their pools. Pools, then hosts, then damage: what is damaged stays so."""
    for pool in pools:
        _apply_pool([world.machine(name) for name in (pool.master, *pool.members)], pool)
    for machine in machines:
        _apply_host(machine)
    guests = [vm for machine in machines for vm in machine.spec.vms] + [vm for pool in pools for vm in pool.vms]
    for vm in (vm for vm in guests if vm.obstacle):
        _obstruct(machines, vm)
    for machine in machines:
        world.monitor.settle(machine)
    _damage(world, {machine.name for machine in machines})
    for database in {id(machine.database): machine.database for machine in machines}.values():
        refresh_operations(database)


def _damage(world: World, names: set[str]) -> None:
    for each in (damage for damage in world.scene.damage if damage.host in names):
        DAMAGES[each.name](world.machine(each.host), each.data)
        world.monitor.settle(world.machine(each.host))


def _apply_pool(machines: Sequence[HostMachine], spec: PoolSpec) -> None:
    master = machines[0]
    if spec.default_sr:
        sr = first(master.database, "SR", name_label=spec.default_sr)
        if sr is None:
            raise LookupError(f"no SR {spec.default_sr!r} in pool {spec.name!r}")
        pool_row(master).set(default_SR=sr.ref)
    by_name = {machine.name: machine for machine in machines}
    for place, vm in enumerate(spec.vms):
        add_guest(host_row(by_name[vm.host] if vm.host else machines[place % len(machines)]), vm)
    for name in spec.protected:
        _protect(master, name)
    if spec.ha:
        switch_on(master, failures=1)


def _protect(master: HostMachine, name: str) -> None:
    vm = first(master.database, "VM", name_label=name)
    if vm is None:
        raise LookupError(f"no VM {name!r} in the pool of {master.name!r}")
    vm.set(ha_restart_priority="restart", ha_always_run=True)


def _run(machine: HostMachine, name: str) -> None:
    """A VM of its pool that runs on this server, wherever the scene described it."""
    vm, host = first(machine.database, "VM", name_label=name), host_row(machine)
    if vm is None:
        raise LookupError(f"no VM {name!r} in the pool of {machine.name}")
    if vm.text("power_state") == "Halted":
        start_on(vm, host)
    else:
        move(vm, host)


def _obstruct(machines: Sequence[HostMachine], spec: VmSpec) -> None:
    found = (first(machine.database, "VM", name_label=spec.name) for machine in machines)
    vm = next((vm for vm in found if vm), None)
    if vm is None:
        raise LookupError(f"no VM {spec.name!r}")
    OBSTACLES[spec.obstacle](vm)


def _apply_host(machine: HostMachine) -> None:
    _apply_addresses(machine)
    for name in machine.spec.running:
        _run(machine, name)


def _apply_addresses(machine: HostMachine) -> None:
    """Give the addresses beside the one of the management interface."""
    wanted = _addresses(machine.spec)
    for place, address in wanted.items():
        fields = {"ip_configuration_mode": "Static", "IP": address, "netmask": NETMASK}
        _pif(machine, place).set(currently_attached=True, **fields)
    if wanted:
        write_plugs(machine, host_row(machine))


def _addresses(spec: HostSpec) -> dict[str, str]:
    """By network or device."""
    bonds = {bond.network: bond.ip for bond in spec.bonds if bond.ip}
    vlans = {vlan.network: vlan.ip for vlan in spec.vlans if vlan.ip}
    return bonds | vlans | spec.addresses


def _pif(machine: HostMachine, place: str) -> Row:
    for pif in host_row(machine).all("PIFs", "PIF"):
        if place in {pif.text("device"), pif.to("network", "network").text("name_label")}:
            return pif
    raise LookupError(f"no card or network {place!r} on {machine.name}")
