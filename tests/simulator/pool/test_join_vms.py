"""VMs of a joiner: all of them come, or none (pool.md 2.2)."""

from collections.abc import Callable

import pytest

from simulator.running import Simulation
from simulator.scenes.model import DiskSpec, VmSpec
from simulator.world.faults import Fault
from simulator.world.host import HostMachine
from simulator.xapi.machines import host_row
from simulator.xapi.pool.join.copy_vms import IMPORT_FAILS
from simulator.xapi.rows import NULL, Row, add, first
from simulator.xapi.vm.rows import add_guest
from tests.simulator.pool.joining import joined

SEED = "9a1c"
WEB = VmSpec(name="web", disks=(DiskSpec(name="web"),), networks=("Pool-wide network 1",))


@pytest.fixture
def web(sim: Simulation) -> Row:
    vm = add_guest(host_row(sim.hosts[0]), WEB)
    vm.put("other_config", "mac_seed", SEED)
    return vm


def arrived(sim: Simulation, name: str) -> Row | None:
    """The VM of this name after the join; the host has come, whatever became of VMs."""
    joiner, master = sim.hosts
    joined(sim, joiner, master)
    return first(master.database, "VM", name_label=name)


def twin(web: Row, master: HostMachine, **fields: object) -> Row:
    return add(master.database, "VM", **({"uuid": web.uuid, "name_label": "twin", "power_state": "Halted"} | fields))


def test_a_vm_arrives_with_disks_and_interfaces(sim: Simulation, web: Row) -> None:
    uuid = web.uuid
    vm = arrived(sim, "web")
    assert vm
    assert (vm.uuid, vm.ref == web.ref) == (uuid, False)
    assert (vm.text("power_state"), vm.text("resident_on")) == ("Halted", NULL)
    (vbd,), (vif,) = vm.all("VBDs", "VBD"), vm.all("VIFs", "VIF")
    assert vbd.to("VDI", "VDI").text("name_label") == "web"
    assert vif.to("network", "network").text("name_label") == "Pool-wide network 1"


def test_a_paused_vm_does_not_block_a_join(sim: Simulation) -> None:
    """[D] pool.md 1.2, row 9; it arrives halted."""
    add_guest(host_row(sim.hosts[0]), VmSpec(name="nap", power_state="Paused", networks=("Pool-wide network 1",)))
    vm = arrived(sim, "nap")
    assert vm
    assert (vm.text("power_state"), vm.text("resident_on"), vm.number("domid")) == ("Halted", NULL, -1)


def test_a_suspended_vm_keeps_its_state_and_its_image(sim: Simulation) -> None:
    joiner = sim.hosts[0]
    vm = add_guest(host_row(joiner), VmSpec(name="archive", power_state="Suspended", disks=(DiskSpec(name="image"),)))
    vm.set(suspend_VDI=vm.all("VBDs", "VBD")[0].text("VDI"))
    new = arrived(sim, "archive")
    assert new
    assert new.text("power_state") == "Suspended"
    assert new.to("suspend_VDI", "VDI").text("name_label") == "image"


def test_a_snapshot_stays_one_of_its_vm(sim: Simulation, web: Row) -> None:
    add(web.database, "VM", name_label="snapshot", is_a_snapshot=True, is_a_template=True, snapshot_of=web.ref)
    vm = arrived(sim, "web")
    assert vm
    (snapshot,) = vm.all("snapshots", "VM")
    assert snapshot.text("name_label") == "snapshot"


def test_equal_labels_cross_connect_vms(sim: Simulation, web: Row) -> None:
    """[D] pool.md 2.2: the label is looked at before the bridge."""
    joiner, master = sim.hosts
    for host, bridge in ((joiner, "xenbr1"), (master, "xenbr2")):
        network = first(host.database, "network", bridge=bridge)
        assert network
        network.set(name_label="Guests")
    vm = arrived(sim, "web")
    assert vm
    assert vm.all("VIFs", "VIF")[0].to("network", "network").text("bridge") == "xenbr2"


Break = Callable[[Row, HostMachine], object]
LOST: dict[str, Break] = {
    "the same version is there": twin,
    "a newer version is there": lambda web, master: twin(web, master, version=1),
    "it is not halted there": lambda web, master: twin(web, master, power_state="Suspended"),
    "its MAC seed is another's": lambda _web, master: add(
        master.database, "VM", name_label="twin", other_config={"mac_seed": SEED}
    ),
    "its import fails": lambda _web, master: master.world.faults.add(Fault(kind=IMPORT_FAILS, data={"vm": "web"})),
}


@pytest.mark.parametrize("case", LOST)
def test_all_vms_are_lost_with_one(sim: Simulation, web: Row, case: str) -> None:
    """Nothing of them is left, and the join knows nothing of it."""
    joiner, master = sim.hosts
    add_guest(host_row(joiner), VmSpec(name="another"))
    LOST[case](web, master)
    before = {cls: len(master.database.refs(cls)) for cls in ("VM", "VBD", "VIF", "VM_metrics")}
    assert arrived(sim, "another") is None
    assert {cls: len(master.database.refs(cls)) for cls in before} == before
    assert master.database.find("host", uuid=joiner.uuid)


def test_a_halted_vm_of_a_lower_version_is_replaced(sim: Simulation, web: Row) -> None:
    master = sim.hosts[1]
    old = twin(web, master)
    web.set(version=3)
    vm = arrived(sim, "web")
    assert vm
    assert (vm.uuid, vm.number("version")) == (web.uuid, 3)
    assert not master.database.has("VM", old.ref)
