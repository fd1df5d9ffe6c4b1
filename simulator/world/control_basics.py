"""Routes of the control API: the world as it is, its calls and its faults."""

from simulator.scenes.validate import build
from simulator.world.control_routes import Ask, route
from simulator.world.faults import Fault
from simulator.world.host import HostMachine
from simulator.world.switches import set_carrier


def describe(machine: HostMachine) -> dict[str, object]:
    """The truth of one machine, whatever a database says."""
    return {
        "name": machine.name,
        "uuid": machine.uuid,
        "address": machine.address,
        "port": machine.port,
        "powered": machine.powered,
        "answering": machine.up,
        "reachable": machine.reachable,
        "role": machine.role,
        "role_on_disk": machine.pool_conf,
        "emergency": machine.emergency_error.description if machine.emergency_error else None,
        "clock_skew": machine.clock_skew,
        "certificate_sha256": machine.certificate.fingerprint(),
        "nics": [vars(nic) for nic in machine.hardware.nics],
        "cpu": machine.hardware.cpu.modelname,
    }


@route("GET", "/calls")
def calls(ask: Ask) -> object:
    found = ask.world.calllog.calls(ask.query.get("method"), ask.query.get("host"))
    return {"calls": [call.as_json() for call in found]}


@route("DELETE", "/calls")
def forget_calls(ask: Ask) -> object:
    ask.world.calllog.clear()
    return {"calls": []}


@route("GET", "/world")
def world(ask: Ask) -> object:
    return {
        "scene": ask.world.scene.name,
        "profile": ask.world.timing.name,
        "hosts": [describe(machine) for machine in ask.world.machines],
    }


@route("GET", "/faults")
def faults(ask: Ask) -> object:
    return {"faults": [vars(fault) for fault in ask.world.faults.waiting()]}


@route("POST", "/faults")
def inject(ask: Ask) -> object:
    return vars(ask.world.inject(build(Fault, ask.body, file="faults", path="fault")))


@route("DELETE", "/faults")
def clear_faults(ask: Ask) -> object:
    ask.world.faults.clear()
    return {"faults": []}


@route("POST", "/hosts/{host}/power")
def power(ask: Ask) -> object:
    (ask.world.power_on if ask.flag("on") else ask.world.power_off)(ask.machine)
    return describe(ask.machine)


@route("POST", "/hosts/{host}/carrier")
def carrier(ask: Ask) -> object:
    """{"nic": "eth1", "on": false}: pull the cable of one card, or put it back."""
    nic = next((nic for nic in ask.machine.hardware.nics if nic.device == ask.body.get("nic")), None)
    if nic is None:
        raise LookupError(f"no card {ask.body.get('nic')!r}")
    set_carrier(ask.machine, nic, on=ask.flag("on"))
    return describe(ask.machine)


@route("POST", "/shutdown")
def shut_down(ask: Ask) -> object:
    ask.ending.set()
    return {"ending": True}
