"""A lab that anything may be done to, and what must hold of it whatever was done."""

import contextlib
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from simulator.database import Database
from simulator.running import Simulation
from simulator.schema.types import NULL
from simulator.world import reach
from simulator.world.host import HostMachine
from simulator.xapi.operations import RULES
from simulator.xapi.rows import rows
from tests.simulator.rpc import Rpc, XapiFailure, unverified
from tests.simulator.waiting import until

SCENE = """
name: anything-goes
hosts:
  - {name: "one", nics: 3, srs: [{name: Filer, shared: true}]}
  - {name: "two", nics: 3}
  - {name: "three", nics: 3}
  - {name: "alone", nics: 3}
pools:
  - name: Pool
    master: one
    members: [two, three]
    vms:
      - {name: here, power_state: Running, networks: [Pool-wide network 1], disks: [{name: here, sr: Filer}]}
      - {name: there, power_state: Running, networks: [Pool-wide network 2]}
      - {name: idle, networks: [Pool-wide network 1], disks: [{name: idle, sr: Filer}]}
"""
UNANSWERED = ["nobody answered"]
CRASHED = ["answered with an error page"]
QUIET = 3.0  # seconds to wait for restarts to end; one that never ends is emergency mode, or a finding
SHAKE = 2.0  # seconds in which a server that can be reached has shaken hands
LISTEN = 0.04  # seconds to listen whether one does that should not
# Fields that xapi leaves dangling, and where that is written.
DANGLING = {
    ("pool", "default_SR"): "pool.md 3.3 [D]",
    ("pool", "suspend_image_SR"): "pool.md 3.3 [D]",
    ("pool", "crash_dump_SR"): "pool.md 3.3 [D]",
    ("host", "suspend_image_sr"): "as those of the pool",
    ("host", "crash_dump_sr"): "as those of the pool",
    ("VDI", "snapshot_of"): "db_gc_util.ml: not collected",
    ("VM", "snapshot_of"): "db_gc_util.ml: not collected",
    ("VM", "suspend_VDI"): "xapi_sr.ml: forget removes the rows of disks and nothing else",
    ("VM", "affinity"): "xapi_host.ml: destroy does not look for it",
}


@dataclass
class Lab:
    sim: Simulation
    clients: dict[str, Rpc] = field(default_factory=dict)

    @property
    def coordinator(self) -> HostMachine:
        """Of the largest pool that answers; of any where none does."""
        answering = [host for host in self.sim.hosts if host.is_master and host.up and host.reachable and host.settled]
        return max(answering or self.sim.hosts, key=lambda host: len(host.database.refs("host")))

    def call(self, machine: HostMachine, method: str, *arguments: object) -> list[str]:
        """What the call was refused with; nothing when it was done. A new session where the old one has ended."""
        if not (machine.up and machine.reachable):
            return UNANSWERED
        for _ in range(2):
            client = self.clients.setdefault(machine.name, Rpc(machine, timeout=5))
            try:
                client.call(method, *arguments)
            except XapiFailure as failure:
                if failure.description[0] != "SESSION_INVALID":
                    return failure.description
                del self.clients[machine.name]
            except ValueError:
                return CRASHED
            except OSError:
                return UNANSWERED
            else:
                return []
        return UNANSWERED

    def rest(self) -> None:
        """Until every server that has power is through with its start, or waits in emergency mode."""
        with contextlib.suppress(AssertionError):
            until(lambda: all(is_at_rest(host) for host in self.sim.hosts), QUIET)

    @property
    def databases(self) -> list[Database]:
        return list({id(host.database): host.database for host in self.sim.hosts}.values())


def is_at_rest(host: HostMachine) -> bool:
    return not host.powered or host.settled or (host.up and host.emergency_error is not None)


def broken(lab: Lab) -> list[str]:
    """Every invariant that does not hold now, in words."""
    found = [each for database in lab.databases for rule in OF_DATABASES for each in rule(database)]
    return found + unlike_the_world(lab)


def lasting(lab: Lab) -> list[str]:
    """What does not hold once the toolstacks had time to notice and to collect."""
    deadline = time.monotonic() + QUIET
    while (found := broken(lab)) and time.monotonic() < deadline:
        threading.Event().wait(0.02)
    return found


def dangling(database: Database) -> Iterator[str]:
    """References that name nothing, but for those that xapi leaves so."""
    with database.locked():
        for cls, table in database.tables.items():
            for name, spec in table.spec.fields.items():
                target = spec.type.item if spec.type.kind == "set" else spec.type
                if target is None or target.kind != "ref" or (cls, name) in DANGLING:
                    continue
                for ref, row in table.rows.items():
                    value = row[name]
                    for other in value if isinstance(value, list) else [value]:
                        if other not in (NULL, "") and not database.has(target.name, str(other)):
                            yield f"{cls}.{name} of {row.get('name_label') or row.get('device') or ref} names nothing"


def homeless_pifs(database: Database) -> Iterator[str]:
    """Each PIF has one host, and that host has it."""
    with database.locked():
        owners = Counter(pif for host in rows(database, "host") for pif in host.items("PIFs"))
        for pif in rows(database, "PIF"):
            if owners[pif.ref] != 1 or pif.ref not in pif.to("host", "host").items("PIFs"):
                yield f"PIF {pif.text('device')} has {owners[pif.ref]} hosts"


def bonded_twice(database: Database) -> Iterator[str]:
    """A card is in one bond at most, and both sides say in which."""
    with database.locked():
        bonds = {bond.ref: bond.items("slaves") for bond in rows(database, "Bond")}
        for pif in rows(database, "PIF"):
            having = [ref for ref, slaves in bonds.items() if pif.ref in slaves]
            said = [ref for ref in [pif.text("bond_slave_of")] if ref != NULL]
            if len(having) > 1 or having != said:
                yield f"PIF {pif.text('device')} is in {len(having)} bonds and says {len(said)}"


def outdated(database: Database) -> Iterator[str]:
    """What is listed as allowed is what the rules allow now."""
    with database.locked():
        for cls, verdicts in RULES.items():
            for row in rows(database, cls):
                able = {name for name, error in verdicts(row).items() if error is None}
                if able != (listed := set(row.items("allowed_operations"))):
                    yield f"allowed_operations of {cls} {row.ref}: {sorted(able ^ listed)} are wrong"


OF_DATABASES = (dangling, homeless_pifs, bonded_twice, outdated)


def unlike_the_world(lab: Lab) -> list[str]:
    """Who can be reached from outside and runs answers; nobody else does."""
    found = []
    for host in lab.sim.hosts:
        expected = host.up and reach.from_outside(host)
        if answers(host, SHAKE if expected else LISTEN) != expected:
            found.append(f"{host.name} {'does not answer' if expected else 'answers'}")
    return found


def answers(host: HostMachine, patience: float) -> bool:
    """Whether somebody outside gets as far as an encrypted connection."""
    try:
        plain = socket.create_connection((host.address, host.port), timeout=patience)
        with plain, unverified().wrap_socket(plain):
            return True
    except OSError:
        return False
