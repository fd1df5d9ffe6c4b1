"""A pool that a server has left, by the product's own removal, and what it left behind."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from pools.forecast.leftovers import Leftover
from pools.models import Operation
from pools.services import examination, leftovers, operations, pool_cleanup
from simulator.scenes.model import DiskSpec, HostSpec, PoolSpec, Scene, SrSpec, VmSpec
from simulator.world.host import HostMachine
from simulator.xapi.machines import pool_row
from simulator.xapi.rows import Row, first
from simulator.xapi.storage.disks import add_to_sr
from tests.pools.operations.removal.removing import Removing, removing
from tests.simulator.rpc import Rpc

FILER = SrSpec(name="Filer", shared=True, size_gib=2000, device_config={"server": "10.0.9.7", "serverpath": "/pool"})
OWN_FILER = SrSpec(name="Own filer", device_config={"server": "10.0.9.8", "serverpath": "/own"})
AWAY = DiskSpec(name="data", sr="Own filer")
LOCAL, SHARED = DiskSpec(name="system"), DiskSpec(name="data", sr="Filer")


def scene() -> Scene:
    """VMs of every sort: some lose all with the leaver, some a part, some nothing."""
    on_leaver = dict.fromkeys(("lost", "mended", "guarded", "form"), (LOCAL,))
    disks = on_leaver | {
        "half": (LOCAL, SHARED),
        "sound": (SHARED,),
        "asleep": (SHARED,),
        "diskless": (),
        "away": (AWAY,),
    }
    vms = tuple(VmSpec(name=name, host="leaver", disks=found) for name, found in disks.items())
    hosts = (HostSpec(name="boss", srs=(FILER,)), HostSpec(name="leaver", srs=(OWN_FILER,)), HostSpec(name="spare"))
    pool = PoolSpec(name="Pool", master="boss", members=("leaver", "spare"), default_sr="Filer", vms=vms)
    return Scene(name="left-behind", hosts=hosts, pools=(pool,))


@dataclass
class Cleaning:
    """The pool afterwards; ``removal`` is the operation that did it."""

    lab: Removing
    removal: Operation
    boss: HostMachine

    @property
    def pool(self) -> Row:
        return pool_row(self.boss)

    def vm(self, name: str) -> Row | None:
        return first(self.boss.database, "VM", name_label=name)

    def there(self, name: str) -> Row:
        found = self.vm(name)
        assert found is not None, name
        return found

    def filer(self) -> Row:
        found = first(self.boss.database, "SR", name_label="Filer")
        assert found is not None
        return found

    def draft(self) -> Operation:
        """A draft that a worker has read the pool for."""
        operation = pool_cleanup.begin(user=self.lab.owner, pool=self.lab.pool)
        examination.run(str(operation.pk))
        operation.refresh_from_db()
        return operation

    def found(self) -> dict[str, Leftover]:
        """What is left over, by kind and name."""
        return {f"{each.kind} {each.name}": each for each in leftovers.page(self.draft()).found}

    def planned(self, *names: str, **settings: str) -> Operation:
        """Choose by kind and name; ``settings``: by the beginning of their keys."""
        operation, found = self.draft(), self.found()
        keys = [found[name].key for name in names]
        given = {f"{name}:pool": value for name, value in settings.items()}
        chosen = pool_cleanup.choose(operation=operation, user=self.lab.owner, keys=keys, settings=given)
        return operations.make_plan(operation=chosen, user=self.lab.owner)

    def started(self, *names: str, **settings: str) -> Operation:
        return operations.start(operation=self.planned(*names, **settings), user=self.lab.owner)

    def ran(self, *names: str, **settings: str) -> Operation:
        return self.lab.lab.run(self.started(*names, **settings))


def spoil(lab: Removing) -> None:
    """Let settings, a memory image, an HA plan, a template and a snapshot depend on what the leaver has."""
    boss, leaver = lab.sim.host("boss"), lab.sim.host("leaver")
    database = boss.database
    pbds = [Row(database, "PBD", ref) for ref, row in database.records("PBD").items() if row["host"] == leaver.ref]
    local = next(sr for pbd in pbds if (sr := pbd.to("SR", "SR")).text("name_label") == "Local storage")
    pool_row(boss).set(default_SR=local.ref, crash_dump_SR=local.ref)
    image = add_to_sr(local, name_label="image", type="suspend", virtual_size=1, physical_utilisation=1)
    changes: dict[str, dict[str, object]] = {
        "asleep": {"power_state": "Suspended", "suspend_VDI": image.ref},
        "guarded": {"ha_restart_priority": "best-effort"},
        "form": {"is_a_template": True},
    }
    for name, fields in changes.items():
        vm = first(database, "VM", name_label=name)
        assert vm is not None
        vm.set(**fields)
    lost = first(database, "VM", name_label="lost")
    assert lost is not None
    Rpc(boss).call("VM.snapshot", lost.ref, "before")


@contextmanager
def cleaning() -> Iterator[Cleaning]:
    with removing(scene(), "boss") as lab:
        spoil(lab)
        yield Cleaning(lab=lab, removal=lab.succeeded("leaver"), boss=lab.sim.host("boss"))
