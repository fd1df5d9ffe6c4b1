"""Routes of the control API: every fact of the world, read and set."""

from dataclasses import dataclass, fields, replace

from simulator.scenes.model import NicSpec
from simulator.scenes.validate import build
from simulator.world import disks, reach
from simulator.world.control_routes import Ask, BadRequestError, route
from simulator.world.describe import describe_host, describe_reach, describe_switch, describe_world
from simulator.world.faults import is_count, is_duration
from simulator.world.hardware import CPUS, GIB, LocalDisk, Nic, card
from simulator.world.switches import change_port, connect, set_carrier
from simulator.world.timing import Timing

NIC_FACTS = ("speed", "vendor", "product", "pci", "mac", "rate")


@dataclass(frozen=True, kw_only=True)
class NewHardware:
    """What is left out stays."""

    cpu: str = ""
    sockets: int = 0
    cores: int = 0
    memory_gib: int = 0

    def __post_init__(self) -> None:
        if min(self.sockets, self.cores, self.memory_gib) < 0:
            raise ValueError("numbers from 1")


@route("GET", "/world")
def world(ask: Ask) -> object:
    """All of it, or one host with its pool (?host=NAME)."""
    machines = ask.world.machines
    if "host" in ask.query:
        machines = [ask.world.machine(ask.query["host"])]
        machines[0].look()
    return describe_world(ask.world, machines)


@route("GET", "/hosts/{host}")
def host(ask: Ask) -> object:
    return describe_host(ask.machine)


@route("GET", "/hosts/{host}/reach")
def reach_of(ask: Ask) -> object:
    return describe_reach(ask.machine)


@route("POST", "/hosts/{host}/power")
def power(ask: Ask) -> object:
    (ask.world.power_on if ask.flag("on") else ask.world.power_off)(ask.machine)
    return describe_host(ask.machine)


@route("POST", "/hosts/{host}/reboot")
def reboot(ask: Ask) -> object:
    ask.world.reboot(ask.machine)
    return describe_host(ask.machine)


@route("POST", "/hosts/{host}/toolstack")
def toolstack(ask: Ask) -> object:
    """It dies, and starts again."""
    ask.world.crash(ask.machine)
    return describe_host(ask.machine)


@route("POST", "/hosts/{host}/clock")
def clock(ask: Ask) -> object:
    ask.machine.clock_skew = _seconds(ask.body.get("skew"), "skew")
    return describe_host(ask.machine)


@route("POST", "/hosts/{host}/certificate")
def certificate(ask: Ask) -> object:
    ask.machine.replace_certificate()
    return describe_host(ask.machine)


@route("POST", "/hosts/{host}/password")
def password(ask: Ask) -> object:
    """Root's password on this server; a member takes its master's again at its next start."""
    given = ask.body.get("password")
    if not isinstance(given, str) or not given:
        raise BadRequestError("password: expected a text")
    ask.machine.password = given
    return {"host": ask.machine.name, "username": ask.machine.username}


@route("POST", "/hosts/{host}/carrier")
def carrier(ask: Ask) -> object:
    set_carrier(ask.machine, _card(ask, ask.body.get("nic")), on=ask.flag("on"))
    return describe_host(ask.machine)


@route("POST", "/hosts/{host}/cable")
def cable(ask: Ask) -> object:
    """Into "switch/port", into the "flat" switch, or with null nowhere."""
    port = ask.body.get("port", "")
    if not isinstance(port, str | None):
        raise BadRequestError('port: expected "switch/port", "flat" or null')
    connect(ask.machine, _card(ask, ask.body.get("nic")), port or "")
    return describe_host(ask.machine)


@route("PATCH", "/hosts/{host}/nics/{nic}")
def nic(ask: Ask) -> object:
    """What the card is; `speed` is what its link does."""
    found = _card(ask, ask.names["nic"])
    if set(ask.body) - set(NIC_FACTS):
        raise BadRequestError(f"expected {', '.join(NIC_FACTS)}")
    wanted = build(Nic, vars(found) | ask.body, file="nics", path=found.device)
    for name in ask.body:
        setattr(found, name, getattr(wanted, name))
    ask.world.monitor.note(ask.machine)
    return describe_host(ask.machine)


@route("POST", "/hosts/{host}/nics")
def add_nic(ask: Ask) -> object:
    """A new card, on the flat switch; PIF.scan or the next start finds it."""
    machine = ask.machine
    wanted = build(NicSpec, ask.body, file="nics", path=machine.name)
    found = card(wanted, len(machine.hardware.nics), f"{machine.uuid}/{wanted.device}")
    for other in machine.hardware.nics:
        if other.device == found.device or other.mac == found.mac:
            raise BadRequestError(f"{machine.name} has {other.device} with {other.mac}")
    machine.hardware.nics.append(found)
    reach.refresh(machine)
    return describe_host(machine)


@route("DELETE", "/hosts/{host}/nics/{nic}")
def remove_nic(ask: Ask) -> object:
    """The card is taken out; its rows stay until somebody forgets them."""
    ask.machine.hardware.nics.remove(_card(ask, ask.names["nic"]))
    reach.refresh(ask.machine)
    return describe_host(ask.machine)


@route("PATCH", "/hosts/{host}/disks/{disk}")
def disk(ask: Ask) -> object:
    disks.fill(ask.machine, _disk(ask), full=ask.flag("full"))
    return describe_host(ask.machine)


@route("POST", "/hosts/{host}/hardware")
def hardware(ask: Ask) -> object:
    """Other processors or memory; the toolstack notices at its next start."""
    wanted, machine = build(NewHardware, ask.body, file="hardware", path=ask.names["host"]), ask.machine
    if wanted.cpu and wanted.cpu not in CPUS:
        raise BadRequestError(f"cpu: expected one of {', '.join(CPUS)}")
    if wanted.cpu:
        machine.use_cpu(wanted.cpu)
    old = machine.hardware
    memory = wanted.memory_gib * GIB if wanted.memory_gib else old.memory
    sockets, cores = wanted.sockets or old.sockets, wanted.cores or old.cores
    machine.hardware = replace(old, memory=memory, sockets=sockets, cores=cores)
    return describe_host(machine)


@route("POST", "/hosts/{host}/software")
def software(ask: Ask) -> object:
    """Keys of software_version; the toolstack tells them after its next start."""
    if not all(isinstance(value, str) for value in ask.body.values()):
        raise BadRequestError("expected texts")
    ask.machine.software = ask.machine.software | {key: str(value) for key, value in ask.body.items()}
    return {"software": ask.machine.software}


@route("POST", "/hosts/{host}/nic_order")
def nic_order(ask: Ask) -> object:
    """Position by card, as interface-rename keeps it; it counts where cards get their networks."""
    wanted = {_card(ask, device).mac: place for device, place in ask.body.items()}
    places = {place: True for place in wanted.values() if is_count(place, 0)}
    if len(places) < len(wanted):
        raise BadRequestError("expected a place for each card, and each place once")
    ask.machine.disk.nic_order = ask.machine.disk.nic_order | {mac: int(str(at)) for mac, at in wanted.items()}
    return describe_host(ask.machine)


@route("GET", "/switches")
def switches(ask: Ask) -> object:
    return {"switches": [describe_switch(ask.world, name) for name in ask.world.switches]}


@route("PATCH", "/switches/{switch}/ports/{port}")
def port(ask: Ask) -> object:
    change_port(ask.world, ask.names["switch"], ask.names["port"], ask.body)
    return describe_switch(ask.world, ask.names["switch"])


@route("PATCH", "/storages/{storage}")
def storage(ask: Ask) -> object:
    return vars(disks.change_storage(ask.world, ask.names["storage"], ask.body))


@route("GET", "/timing")
def timing(ask: Ask) -> object:
    return vars(ask.world.timing)


@route("PATCH", "/timing")
def change_timing(ask: Ask) -> object:
    """Let single things take another time from now on; what waits already goes on waiting."""
    known = {field.name for field in fields(Timing)} - {"name"}
    if set(ask.body) - known:
        raise BadRequestError(f"expected {', '.join(sorted(known))}")
    wanted = {name: _seconds(value, name) for name, value in ask.body.items()}
    if any(value < 0 for value in wanted.values()):
        raise BadRequestError("expected durations")
    ask.world.timing = replace(ask.world.timing, **wanted)  # type: ignore[arg-type]
    return vars(ask.world.timing)


def _seconds(value: object, name: str) -> float:
    if not is_duration(value):
        raise BadRequestError(f"{name}: expected a number of seconds")
    return float(str(value))


def _card(ask: Ask, device: object) -> Nic:
    for found in ask.machine.hardware.nics:
        if found.device == device:
            return found
    raise LookupError(f"no card {device!r} in {ask.machine.name}")


def _disk(ask: Ask) -> LocalDisk:
    for found in ask.machine.hardware.disks:
        if found.name == ask.names["disk"]:
            return found
    raise LookupError(f"no disk {ask.names['disk']!r} in {ask.machine.name}")
