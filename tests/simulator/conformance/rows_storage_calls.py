"""Refusals of PBD and SR calls, on one pair of servers (xapi_pbd.ml, xapi_sr.ml, xapi_sr_operations.ml)."""

from collections.abc import Callable
from functools import partial

from simulator.running import Simulation
from simulator.world.host import HostMachine
from simulator.xapi.rows import Row as Object
from simulator.xapi.rows import first
from tests.simulator.conformance.runner import Asked, Row

NOWHERE = "OpaqueRef:nowhere"


def _sr(machine: HostMachine, name: str = "Local storage") -> Object:
    found = first(machine.database, "SR", name_label=name)
    assert found
    return found


def _plugged(sim: Simulation) -> Asked:
    sr = _sr(sim.hosts[0])
    return Asked(host=sim.hosts[0], args=(sr.ref,), error=["SR_HAS_PBD", sr.ref])


def _without_pbds(sim: Simulation) -> Asked:
    sr = _sr(sim.hosts[0])
    for ref in sr.items("PBDs"):
        sr.database.delete("PBD", ref)
    return Asked(host=sim.hosts[0], args=(sr.ref,), error=["SR_HAS_NO_PBDS", sr.ref])


def _indestructible(sim: Simulation) -> Asked:
    sr = _sr(sim.hosts[0])
    sr.set(other_config={"indestructible": "true"})
    return Asked(host=sim.hosts[0], args=(sr.ref,), error=["SR_INDESTRUCTIBLE", sr.ref])


def _attached_pbd(sim: Simulation) -> Asked:
    (pbd,) = _sr(sim.hosts[0]).items("PBDs")
    return Asked(host=sim.hosts[0], args=(pbd,), error=["OPERATION_NOT_ALLOWED", "PBD is currently attached"])


def _second_pbd(sim: Simulation) -> Asked:
    host, sr = sim.hosts[0], _sr(sim.hosts[0])
    (pbd,) = sr.items("PBDs")
    record = {"host": host.ref, "SR": sr.ref, "device_config": {}, "other_config": {}}
    return Asked(host=host, args=(record,), error=["PBD_EXISTS", sr.ref, host.ref, pbd])


def _lost_ref(sim: Simulation, name: str) -> Asked:
    """A reference in the record of a `create` must resolve."""
    host, sr = sim.hosts[0], _sr(sim.hosts[0])
    record = {"host": host.ref, "SR": sr.ref, "device_config": {}, "other_config": {}} | {name: NOWHERE}
    return Asked(host=host, args=(record,), error=["HANDLE_INVALID", name, NOWHERE])


def _used_uuid(sim: Simulation) -> Asked:
    sr = _sr(sim.hosts[0])
    args: tuple[object, ...] = (sr.uuid, "again", "", "nfs", "user", True, {})
    return Asked(host=sim.hosts[0], args=args, error=["SR_UUID_EXISTS", sr.uuid])


def _unknown_driver(sim: Simulation) -> Asked:
    host = sim.hosts[0]
    args: tuple[object, ...] = (host.ref, {}, 0, "tape", "", "tape", "user", False, {})
    return Asked(host=host, args=args, error=["SR_UNKNOWN_DRIVER", "tape"])


def _not_sharable(sim: Simulation) -> Asked:
    """Local storage with a second PBD is plugged on one host only."""
    host, sr = sim.hosts[0], _sr(sim.hosts[0])
    other = host.database.create("PBD", host=host.ref, SR=sr.ref)
    return Asked(host=host, args=(other,), error=["SR_NOT_SHARABLE", sr.ref, host.ref])


Arrange = Callable[[Simulation], Asked]
TABLE: tuple[tuple[str, str, Arrange], ...] = (
    ("SR.forget", "plugged", _plugged),
    ("SR.destroy", "plugged", _plugged),
    ("SR.destroy", "without-pbds", _without_pbds),
    ("SR.scan", "without-pbds", _without_pbds),
    ("SR.destroy", "indestructible", _indestructible),
    ("SR.introduce", "used-uuid", _used_uuid),
    ("SR.create", "unknown-driver", _unknown_driver),
    ("PBD.destroy", "attached", _attached_pbd),
    ("PBD.create", "second", _second_pbd),
    ("PBD.create", "lost-host", partial(_lost_ref, name="host")),
    ("PBD.create", "lost-sr", partial(_lost_ref, name="SR")),
    ("PBD.plug", "not-sharable", _not_sharable),
)
ROWS = tuple(
    Row(id=f"storage-{method}-{name}", source="xapi_pbd.ml, xapi_sr.ml", method=method, arrange=arrange, calm=True)
    for method, name, arrange in TABLE
)
