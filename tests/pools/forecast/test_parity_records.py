"""What is foretold of VMs, storage, licence and identity of a server is what its join then makes of them."""

from collections.abc import Callable

import pytest

from pools.checks.after_join import compare
from pools.forecast.join import Crossing, NetworkOutcome
from simulator.running import running
from simulator.scenes.loader import parse
from simulator.world.host import HostMachine
from simulator.xapi.machines import host_row, pool_row
from simulator.xapi.network.rows import add_network
from simulator.xapi.rows import Row, add, first
from tests.pools.forecast.parity import Parity, join, network_of_vif

OFFICE = """
name: office
hosts:
  - name: master
    bonds: [{network: Guests bond, nics: [eth2, eth3]}]
    srs: [{name: Filer, shared: true}, {name: Images, shared: true, type: iso}]
  - name: joiner
    description: A server of the office
    srs: [{name: SSDs, type: ext}]
    networks: [Isolated]
    vms:
      - {name: web, networks: [Pool-wide network 1, Isolated]}
      - {name: db, networks: [Pool-wide network 2]}
"""
Change = Callable[[HostMachine, HostMachine], object]


def joined(change: Change | None = None) -> Parity:
    with running(parse(OFFICE, "office.yaml")) as sim:
        master, joiner = sim.hosts
        if change:
            change(master, joiner)
        parity = join(sim, joiner, master)
    assert compare(parity.forecast, parity.after, parity.host.uuid) == []
    return parity


def names_that_came(parity: Parity) -> set[str]:
    old = {vm.uuid for vm in parity.before.vms.values()}
    new = (vm for vm in parity.after.vms.values() if vm.uuid not in old)
    return {vm.name_label for vm in new if not vm.is_control_domain}


def vm(machine: HostMachine, name: str) -> Row:
    found = first(machine.database, "VM", name_label=name)
    assert found
    return found


def named(machine: HostMachine, label: str) -> Row:
    found = first(machine.database, "network", name_label=label)
    assert found
    return found


def twin(master: HostMachine, joiner: HostMachine, **fields: object) -> None:
    add(master.database, "VM", uuid=vm(joiner, "web").uuid, name_label="twin", **{"power_state": "Halted", **fields})


def seeds(master: HostMachine, joiner: HostMachine) -> None:
    vm(joiner, "web").put("other_config", "mac_seed", "9a1c")
    add(master.database, "VM", name_label="twin", power_state="Halted", other_config={"mac_seed": "9a1c"})


CONFLICTS: dict[str, Change] = {
    "VM_TO_IMPORT_IS_NOT_NEWER_VERSION": twin,
    "VM_BAD_POWER_STATE": lambda master, joiner: twin(master, joiner, power_state="Suspended"),
    "DUPLICATE_MAC_SEED": seeds,
}


@pytest.mark.parametrize("code", CONFLICTS)
def test_one_conflict_keeps_all_vms_behind_as_foretold(code: str) -> None:
    parity = joined(CONFLICTS[code])
    (conflict,) = parity.forecast.vms.conflicts
    assert (conflict.code, conflict.vm, conflict.other) == (code, "web", "twin")
    assert (parity.forecast.vms.staying_behind, parity.forecast.vms.coming) == (("db", "web"), ())
    assert names_that_came(parity) == set()


def test_vms_come_along_and_a_newer_one_replaces_the_pools() -> None:
    def newer(master: HostMachine, joiner: HostMachine) -> None:
        twin(master, joiner, version=1)
        vm(joiner, "web").set(version=2)

    parity = joined(newer)
    assert [each.name for each in parity.forecast.vms.coming] == ["db", "web"]
    assert parity.forecast.vms.replaced == ("web",)
    assert {each.name_label for each in parity.after.vms.values()} & {"web", "db", "twin"} == {"web", "db"}


def test_a_private_network_lends_its_interfaces_to_the_bridge_of_that_name() -> None:
    parity = joined()
    (crossing,) = parity.forecast.vms.crossings
    bond = crossing.lands_on_uuid
    assert crossing == Crossing(vm="web", device="1", network="Isolated", lands_on="Guests bond", lands_on_uuid=bond)
    assert network_of_vif(parity, "web", "1") == "Guests bond"
    assert network_of_vif(parity, "web", "0") == "Pool-wide network 1"
    (isolated,) = [each for each in parity.forecast.networks if each.name == "Isolated"]
    assert isolated.outcome is NetworkOutcome.LOST


def test_a_private_network_that_vms_use_is_made_where_nothing_has_its_name_or_bridge() -> None:
    parity = joined(lambda _, joiner: named(joiner, "Isolated").set(bridge="xapi9"))
    assert parity.forecast.vms.crossings == ()
    (isolated,) = [each for each in parity.forecast.networks if each.name == "Isolated"]
    assert isolated.outcome is NetworkOutcome.CREATED
    assert network_of_vif(parity, "web", "1") == "Isolated"


def test_equal_labels_of_different_nics_cross_connect_vms_as_foretold() -> None:
    def same_label(master: HostMachine, joiner: HostMachine) -> None:
        named(joiner, "Isolated").set(bridge="xapi9")
        named(joiner, "Pool-wide network 1").set(name_label="Guests")
        named(master, "Pool-wide network 2").set(name_label="Guests")

    parity = joined(same_label)
    told = {(each.vm, each.device, each.lands_on) for each in parity.forecast.vms.crossings}
    assert told == {("web", "0", "Guests")}
    assert network_of_vif(parity, "web", "0") in {"Guests", "Guests bond"}
    assert parity.forecast.vms.crossings[0].lands_on_uuid == network_on_bridge(parity, "xenbr2")


def network_on_bridge(parity: Parity, bridge: str) -> str:
    return next(each.uuid for each in parity.after.networks.values() if each.bridge == bridge)


def test_storage_comes_along_is_connected_and_is_no_default_any_more() -> None:
    def choose(_master: HostMachine, joiner: HostMachine) -> None:
        ssds = first(joiner.database, "SR", name_label="SSDs")
        assert ssds
        pool_row(joiner).set(default_SR=ssds.ref)

    parity = joined(choose)
    after, storage = parity.after, parity.forecast.storage
    assert storage.default_lost == "SSDs"
    assert after.srs[after.pool.default_SR].uuid not in {sr.uuid for sr in storage.coming}
    assert [sr.name for sr in storage.plugged] == ["Filer", "Images"]
    assert {"Local storage", "SSDs"} <= {sr.name for sr in storage.coming}
    mine = {pbd.SR for pbd in after.pbds.values() if pbd.host == parity.host.ref and pbd.currently_attached}
    told = {sr.uuid for sr in (*storage.coming, *storage.plugged)}
    assert {after.srs[ref].uuid for ref in mine if not after.srs[ref].is_tools_sr} == told


def test_the_pool_loses_what_the_servers_licence_lacks() -> None:
    def weaker(_master: HostMachine, joiner: HostMachine) -> None:
        lacks = {"restrict_rbac": "true", "enable_xha": "false"}
        host, pool = host_row(joiner), pool_row(joiner)
        host.set(license_params=host.mapping("license_params") | lacks)
        pool.set(restrictions=pool.mapping("restrictions") | lacks)

    parity = joined(weaker)
    before, after = parity.before.pool.restrictions, parity.after.pool.restrictions
    assert parity.forecast.licence.lost == ("high availability", "roles for users")
    assert {flag for flag in before if before[flag] != after.get(flag)} == {"restrict_rbac", "enable_xha"}


def test_what_is_said_of_the_servers_identity_is_so() -> None:
    parity = joined(lambda _, joiner: add_network(joiner.database, "Mine", "lab1"))
    told = {change.what: change for change in parity.forecast.changes}
    assert told["Its description"].before == "A server of the office"
    assert parity.host.name_description == told["Its description"].after
    uuids = [{pif.uuid for pif in side.pifs_of(side.master)} for side in (parity.joiner, parity.before)]
    now = {pif.uuid for pif in parity.after.pifs_of(parity.host)}
    assert not now & uuids[0]
    assert "UUIDs of its interfaces and storage connections" in told
