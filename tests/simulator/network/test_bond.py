"""What Bond.create, destroy, set_mode and set_property do (network.md 2.2, 2.3, 2.5)."""

import pytest

from simulator.running import Simulation
from simulator.world import reach
from simulator.world.host import HostMachine
from simulator.xapi.network import bond
from simulator.xapi.network.rows import BondPlan, create_vlan, primary_of
from simulator.xapi.rows import NULL, Row, add
from tests.simulator.network.bonding import address, bonded, master, members
from tests.simulator.network.rows import card, network
from tests.simulator.pool.joining import joined
from tests.simulator.rpc import Rpc

LACP_DEFAULTS = {"hashing_algorithm": "tcpudp_ports", "lacp-time": "slow", "lacp-fallback-ab": "true"}


def test_the_primary_member_is_management_then_one_with_an_address_then_the_first(host: HostMachine) -> None:
    cards = [card(host, "eth3"), card(host, "eth2"), card(host, "eth0")]
    assert primary_of(cards) == cards[2]
    address(cards[1])
    assert primary_of(cards[:2]) == cards[1]
    cards[1].set(ip_configuration_mode="None")
    assert primary_of(cards[:2]) == cards[0]


def test_a_bond_over_the_wire_takes_defaults_for_what_is_left_out(rpc: Rpc, host: HostMachine) -> None:
    refs = [card(host, "eth2").ref, card(host, "eth3").ref, card(host, "eth2").ref]
    made = rpc.record("Bond", rpc.call("Bond.create", network(host).ref, refs, ""))
    assert (made["mode"], made["properties"], made["auto_update_mac"]) == ("balance-slb", {}, True)
    assert made["primary_slave"] == refs[0]
    assert sorted(made["slaves"]) == sorted(refs[:2])  # type: ignore[call-overload]
    pif = rpc.record("PIF", made["master"])
    assert (pif["device"], pif["physical"], pif["currently_attached"]) == ("bond0", False, True)
    assert (pif["MAC"], pif["MTU"], pif["IPv6"]) == (card(host, "eth2").text("MAC"), 1500, [""])


def test_lacp_has_its_defaults_and_a_given_mac_stays(host: HostMachine) -> None:
    made = bonded(host, ["eth2", "eth3"], mode="lacp", mac="02:00:00:00:00:09")
    assert made.mapping("properties") == LACP_DEFAULTS
    assert (master(made).text("MAC"), made.flag("auto_update_mac")) == ("02:00:00:00:00:09", False)


def test_only_ipv4_and_dns_move_up(host: HostMachine) -> None:
    """network.md 0.6: IPv6 and other_config are lost, disallow_unplug of any member is kept."""
    primary, other = address(card(host, "eth2")), card(host, "eth3")
    primary.set(ipv6_configuration_mode="Static", IPv6=["fd00::1/64"], other_config={"management_purpose": "Storage"})
    other.set(disallow_unplug=True)
    pif = master(bonded(host, ["eth3", "eth2"]))
    assert pif.fields("ip_configuration_mode", "IP", "gateway", "DNS") == {
        "ip_configuration_mode": "Static", "IP": "10.7.0.1", "gateway": "10.7.0.254", "DNS": "10.7.0.253",
    }  # fmt: skip
    assert (pif.text("ipv6_configuration_mode"), pif.items("IPv6"), pif.mapping("other_config")) == ("None", [""], {})
    assert (pif.flag("disallow_unplug"), other.flag("disallow_unplug")) == (True, False)
    assert (primary.text("ip_configuration_mode"), primary.items("IPv6")) == ("None", ["fd00::1/64"])


def test_management_moves_up_and_the_host_still_answers(rpc: Rpc, host: HostMachine) -> None:
    refs = [card(host, "eth1").ref, card(host, "eth0").ref]
    made = rpc.record("Bond", rpc.call("Bond.create", network(host).ref, refs, "", "active-backup", {}))
    pif = rpc.record("PIF", made["master"])
    assert (pif["management"], pif["IP"]) == (True, host.address)
    assert card(host, "eth0").flag("management") is False
    assert host.interfaces.management == "xapi0"
    assert reach.from_outside(host)
    assert [plug.nics for plug in host.interfaces.plugs.values() if plug.bridge == "xapi0"] == [
        (card(host, "eth1").text("MAC"), card(host, "eth0").text("MAC"))
    ]


def test_destroy_gives_all_back_to_the_primary_member(rpc: Rpc, host: HostMachine) -> None:
    made = bonded(host, ["eth1", "eth0"])
    old, metrics = master(made), master(made).text("metrics")
    old.set(disallow_unplug=True)
    rpc.call("Bond.destroy", made.ref)
    pif, other = card(host, "eth0"), card(host, "eth1")
    assert (pif.flag("management"), pif.text("IP"), pif.flag("disallow_unplug")) == (True, host.address, True)
    assert [each.text("bond_slave_of") for each in (pif, other)] == [NULL, NULL]
    assert [each.flag("currently_attached") for each in (pif, other)] == [True, True]
    assert not host.database.has("PIF", old.ref)
    assert host.database.has("PIF_metrics", metrics)  # network.md 1.4: nothing collects it
    assert host.interfaces.management == "xenbr0"
    assert {"xenbr0", "xenbr1"} <= host.interfaces.plugs.keys()


def test_management_on_a_vlan_goes_along_and_is_not_guarded_by_ha(host: HostMachine) -> None:
    """network.md 0.7."""
    below = card(host, "eth2")
    vlan = create_vlan(below, 9, network(host), currently_attached=True).to("untagged_PIF", "PIF")
    card(host).set(management=False)
    address(vlan, host.address).set(management=True)
    host.interfaces.management = "xapi0"
    host.database.set("pool", host.database.refs("pool")[0], ha_enabled=True)
    made = bonded(host, ["eth2", "eth3"])
    (moved,) = master(made).all("VLAN_slave_of", "VLAN")
    pif = moved.to("untagged_PIF", "PIF")
    assert (pif.flag("management"), pif.text("device"), pif.text("IP")) == (True, "bond0", host.address)
    assert master(made).flag("currently_attached")
    bond.destroy(host, made)
    (back,) = card(host, "eth2").all("VLAN_slave_of", "VLAN")
    assert back.to("untagged_PIF", "PIF").flag("management")
    assert host.interfaces.plugs["xapi0"].nics == (below.text("MAC"),)


def test_a_bond_number_is_the_first_free_one_of_the_host(host: HostMachine) -> None:
    one = bonded(host, ["eth1"], "One")
    two = bonded(host, ["eth2"], "Two")
    assert [master(each).text("device") for each in (one, two)] == ["bond0", "bond1"]
    bond.destroy(host, one)
    assert master(bonded(host, ["eth3"], "Three")).text("device") == "bond0"


def test_a_mode_keeps_only_its_own_properties(rpc: Rpc, host: HostMachine) -> None:
    made = bonded(host, ["eth2", "eth3"], mode="lacp")
    rpc.call("Bond.set_property", made.ref, "hashing_algorithm", "src_mac")
    assert made.mapping("properties") == LACP_DEFAULTS | {"hashing_algorithm": "src_mac"}
    assert host.interfaces.plugs["xapi0"].properties["hashing_algorithm"] == "src_mac"
    rpc.call("Bond.set_mode", made.ref, "active-backup")
    assert (made.text("mode"), made.mapping("properties")) == ("active-backup", {})
    assert host.interfaces.plugs["xapi0"].mode == "active-backup"
    rpc.call("Bond.set_mode", made.ref, "lacp")
    assert made.mapping("properties") == LACP_DEFAULTS


def test_a_cluster_follows_its_interface(host: HostMachine) -> None:
    member = add(host.database, "Cluster_host", host=host.ref, PIF=card(host, "eth3").ref, enabled=True)
    made = bonded(host, ["eth2", "eth3"])
    assert member.text("PIF") == master(made).ref
    bond.destroy(host, made)
    assert member.text("PIF") == card(host, "eth2").ref


def test_the_task_tells_five_stages(host: HostMachine) -> None:
    told: list[float] = []
    plan = BondPlan(network=network(host), pifs=[card(host, "eth2")])
    made = bond.create(host, plan, told.append)
    assert told == [0.2, 0.4, 0.6, 0.8, 0.9, 1.0]
    told.clear()
    bond.destroy(host, made, told.append)
    assert told == [0.2, 0.4, 0.6, 0.8, 1.0]


def test_bond_events_come_in_this_order(host: HostMachine, monkeypatch: pytest.MonkeyPatch) -> None:
    """network.md 5 [D]."""
    seen: list[str] = []
    create, change = host.database.create, host.database.set

    def created(cls: str, /, *, ref: str | None = None, **fields: object) -> str:
        seen.append(f"{cls} add")
        return create(cls, ref=ref, **fields)

    def changed(cls: str, ref: str, /, **fields: object) -> None:
        seen.append(f"{cls} {'+'.join(fields)}")
        change(cls, ref, **fields)

    pifs = [card(host, "eth2"), card(host, "eth3")]
    plan = BondPlan(network=network(host), pifs=pifs)
    monkeypatch.setattr(host.database, "create", created)
    monkeypatch.setattr(host.database, "set", changed)
    bond.create(host, plan)
    assert seen[:5] == ["PIF_metrics add", "PIF add", "Bond add", "PIF bond_slave_of", "PIF bond_slave_of"]
    assert seen[5].startswith("PIF ip_configuration_mode")
    assert "PIF currently_attached" in seen[7:]


def test_a_connection_lost_after_the_work_is_a_success(sim: Simulation) -> None:
    """network.md 2.1: the task's progress has come to 1.0."""
    owner, other = sim.hosts
    joined(sim, other, owner)
    sim.fault("drop_after", host=other.name, method="Bond.create")
    rpc = Rpc(owner)
    ref = rpc.call("Bond.create", network(owner).ref, [card(other, "eth2").ref], "")
    assert members(Row(owner.database, "Bond", str(ref))) == {"eth2"}
