"""Routes of the control API: the calls of a world, its faults and its end."""

from simulator.scenes.validate import build
from simulator.world.control_routes import Ask, route
from simulator.world.faults import Fault, described


@route("GET", "/calls")
def calls(ask: Ask) -> object:
    found = ask.world.calllog.calls(ask.query.get("method"), ask.query.get("host"))
    return {"calls": [call.as_json() for call in found], "connections": ask.world.calllog.connections()}


@route("DELETE", "/calls")
def forget_calls(ask: Ask) -> object:
    ask.world.calllog.clear()
    return {"calls": []}


@route("GET", "/faults")
def faults(ask: Ask) -> object:
    return {"faults": [vars(fault) for fault in ask.world.faults.waiting()]}


@route("GET", "/faults/kinds")
def fault_kinds(_ask: Ask) -> object:
    return {"kinds": described()}


@route("POST", "/faults")
def inject(ask: Ask) -> object:
    return vars(ask.world.inject(build(Fault, ask.body, file="faults", path="fault")))


@route("DELETE", "/faults")
def clear_faults(ask: Ask) -> object:
    ask.world.faults.clear()
    return {"faults": []}


@route("POST", "/shutdown")
def shut_down(ask: Ask) -> object:
    ask.ending.set()
    return {"ending": True}
