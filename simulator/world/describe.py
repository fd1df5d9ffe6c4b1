"""The truth of a world as JSON: what is, whatever a database says; and what the databases say of VMs and storage."""

from simulator.database import Database
from simulator.world import disks, reach
from simulator.world.hardware import Nic
from simulator.world.host import HostMachine
from simulator.world.world import World
from simulator.xapi.rows import Row, rows

Json = dict[str, object]


def describe_world(world: World, machines: list[HostMachine]) -> Json:
    return {
        "scene": world.scene.name,
        "profile": world.timing.name,
        "hosts": [describe_host(machine) if machine.installed else _untouched(machine) for machine in machines],
        "switches": [describe_switch(world, name) for name in world.switches],
        "storages": [vars(storage) for storage in world.storages.values()],
        "pools": [_pool(world, database) for database in _databases(machines)],
    }


def _databases(machines: list[HostMachine]) -> list[Database]:
    """Of the servers that somebody has looked at: a large estate is not installed to be told."""
    return list({id(each.database): each.database for each in machines if each.installed}.values())


def _untouched(machine: HostMachine) -> Json:
    names = ("name", "uuid", "address", "port", "powered")
    return {name: getattr(machine, name) for name in names} | {"installed": False}


def describe_host(machine: HostMachine) -> Json:
    """One server; `answering` is its toolstack, `reachable` the way to it."""
    return {
        "name": machine.name,
        "uuid": machine.uuid,
        "address": machine.address,
        "port": machine.port,
        "powered": machine.powered,
        "answering": machine.up,
        "reachable": machine.reachable,
        "settled": machine.settled,
        "role": machine.role,
        "role_on_disk": machine.pool_conf,
        "emergency": machine.emergency_error.description if machine.emergency_error else None,
        "clock_skew": machine.clock_skew,
        "certificate_sha256": machine.certificate.fingerprint(),
        "cpu": machine.hardware.cpu.modelname,
        "memory": machine.hardware.memory,
        "nics": [_card(machine, nic) for nic in machine.hardware.nics],
        "management": machine.interfaces.management,
        "bridges": [_bridge(machine, bridge) for bridge in machine.interfaces.plugs],
        "disks": [vars(disk) for disk in machine.hardware.disks],
        "volumes": disks.contents(machine),
    }


def describe_switch(world: World, name: str) -> Json:
    """Each port with the card at the other end of its cable."""
    ends = {nic.port: f"{machine.name}/{nic.device}" for machine in world.machines for nic in machine.hardware.nics}
    ports = [vars(port) | {"cable": ends.get(f"{name}/{port.name}")} for port in world.switches[name].ports]
    return {"name": name, "ports": ports}


def describe_reach(machine: HostMachine) -> Json:
    others = [other for other in machine.world.machines if other is not machine]
    return {
        "outside": reach.from_outside(machine),
        "hosts": {other.name: reach.between(machine, other) for other in others},
        "storages": {name: disks.answers(spec, machine) for name, spec in machine.world.storages.items()},
    }


def _card(machine: HostMachine, nic: Nic) -> Json:
    return vars(nic) | {"position": machine.position(nic)}


def _bridge(machine: HostMachine, bridge: str) -> Json:
    lit = [nic.device for nic in reach.lit(machine, bridge)]
    return vars(machine.interfaces.plugs[bridge]) | {"lit": lit, "passes": reach.mtu(machine, bridge)}


def _pool(world: World, database: Database) -> Json:
    names = {machine.uuid: machine.name for machine in world.machines}
    hosts = {host.ref: names.get(host.uuid, host.text("name_label")) for host in rows(database, "host")}
    pool = next(rows(database, "pool"), None)
    return {
        "name": pool.text("name_label") if pool else "",
        "coordinator": hosts.get(pool.text("master")) if pool else None,
        "hosts": list(hosts.values()),
        "vms": [_vm(vm, hosts) for vm in rows(database, "VM", is_a_template=False)],
        "srs": [_sr(sr, hosts) for sr in rows(database, "SR")],
    }


def _vm(vm: Row, hosts: dict[str, str]) -> Json:
    return vm.fields("uuid", "name_label", "power_state") | {"host": hosts.get(vm.text("resident_on"))}


def _sr(sr: Row, hosts: dict[str, str]) -> Json:
    plugged = [hosts.get(pbd.text("host")) for pbd in sr.all("PBDs", "PBD") if pbd.flag("currently_attached")]
    vdis = [vdi.fields("uuid", "name_label", "virtual_size") for vdi in sr.all("VDIs", "VDI")]
    about = sr.fields("uuid", "name_label", "type", "shared", "physical_size", "physical_utilisation")
    return about | {"plugged": plugged, "vdis": vdis}
