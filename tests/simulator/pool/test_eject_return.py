"""How an ejected server comes back: its management network above all (pool.md 3.4 and 3.5)."""

from dataclasses import replace
from pathlib import Path

import pytest

from simulator.running import running
from simulator.world import reach
from simulator.world.disk import Disk
from tests.simulator.pool.joining import joined, refusal
from tests.simulator.pool.leaving import Left, about_to_leave, eject, ejected, is_back, only, scene
from tests.simulator.rpc import Rpc
from tests.simulator.waiting import until

PAIR = """
name: leaving
hosts:
  - {{name: master{more}}}
  - {{name: leaver{more}}}
pools: [{{name: Lab, master: master, members: [leaver]}}]
"""


def pair(more: str = "") -> str:
    return PAIR.format(more=f", {more}" if more else "")


def management(left: Left) -> dict[str, object]:
    pif = only(left.own, "PIF", management=True)
    return {name: pif[name] for name in ("device", "VLAN", "ip_configuration_mode", "IP", "gateway", "DNS")}


@pytest.mark.parametrize("mode", ["Static", "DHCP"])
def test_the_management_address_survives(mode: str) -> None:
    with running(scene(pair(f"management: {{nic: eth2, mode: {mode}}}"))) as sim:
        address = sim.host("leaver").address
        before = only(sim.host("leaver").database, "PIF", management=True, IP=address)
        left = ejected(sim)
        same = {name: before[name] for name in ("gateway", "DNS")} if mode == "Static" else {}
        found = management(left)
        assert found | same == found
        assert (found["device"], found["ip_configuration_mode"], found["IP"]) == ("eth2", mode, address)
        assert Rpc(left.leaver).call("host.get_all") == [left.leaver.ref]


def test_a_management_vlan_keeps_its_tag() -> None:
    with running(scene(pair("management: {nic: eth1, vlan: 30}"))) as sim:
        left = ejected(sim)
        assert (management(left)["device"], management(left)["VLAN"]) == ("eth1", 30)
        plug = left.leaver.interfaces.plugs[left.leaver.interfaces.management]
        assert (plug.vlan, plug.address) == (30, left.leaver.address)
        assert reach.from_outside(left.leaver)


def test_a_vlan_on_a_bond_comes_back_on_one_nic_with_its_tag() -> None:
    with running(scene()) as sim:
        leaver = sim.host("leaver")
        (pif,) = [p for p in leaver.database.records("PIF").values() if p["VLAN"] == 40 and p["host"] == leaver.ref]
        for ref, row in leaver.database.records("PIF").items():
            if row["host"] == leaver.ref:
                carries = row["uuid"] == pif["uuid"]
                address = {"ip_configuration_mode": "Static", "IP": leaver.address} if carries else {}
                leaver.database.set("PIF", ref, management=carries, **address)
        left = about_to_leave(sim)
        assert eject(left) == []
        assert leaver.disk.management_conf["LABEL"] == "eth0"
        assert leaver.disk.management_conf["VLAN"] == "40"


def test_the_come_back_is_unreachable_where_the_port_demands_a_bond() -> None:
    """[D] pool.md 3.4: one NIC on a port that wants LACP without fallback is dark."""
    ports = ", ".join(f'{{name: "{n}", lacp: active, fallback: false, group: g}}' for n in (1, 2))
    text = f"""
name: leaving
hosts:
  - {{name: master, bonds: [{{network: Bond, nics: [eth0, eth1], mode: lacp}}]}}
  - {{name: leaver, cables: {{eth0: s/1, eth1: s/2}}}}
switches: [{{name: s, ports: [{ports}]}}]
pools: [{{name: Lab, master: master, members: [leaver]}}]
"""
    with running(scene(text)) as sim:
        leaver = sim.host("leaver")
        assert reach.from_outside(leaver)
        left = about_to_leave(sim)
        assert eject(left) == []
        until(lambda: is_back(leaver))
        assert not reach.from_outside(leaver)


def test_eject_resets_the_nic_order() -> None:
    """[D] pool.md 3.4, network.md."""
    with running(scene(pair("nic_order: {eth0: 1, eth1: 0}"))) as sim:
        left = ejected(sim)
        bridges = {p["device"]: left.own.field("network", str(p["network"]), "bridge") for p in pifs(left)}
        assert bridges == {f"eth{n}": f"xenbr{n}" for n in range(4)}


def pifs(left: Left) -> list[dict[str, object]]:
    return list(left.own.records("PIF").values())


def test_nic_names_are_reset_after_label() -> None:
    """[D] pool.md 3.4: where names had been given anew, the label is another card's."""
    swapped = "{device: eth0, pci: '0000:3b:00.1'}, {device: eth1, pci: '0000:3b:00.0'}"
    with running(scene(pair(f"nic_overrides: [{swapped}]"))) as sim:
        leaver = sim.host("leaver")
        before = only(leaver.database, "PIF", management=True, IP=leaver.address)
        left = ejected(sim)
        after = only(left.own, "PIF", management=True)
        assert (before["device"], after["device"]) == ("eth0", "eth0")
        assert before["MAC"] != after["MAC"]


def test_joining_again_is_refused_until_the_first_boot_is_over() -> None:
    """First without a management PIF (row 2), then without TLS verification (row 28)."""
    with running(scene(pair())) as sim:
        sim.world.timing = replace(sim.world.timing, network=0.3)
        left, seen = about_to_leave(sim), []
        assert eject(left) == []
        until(lambda: left.leaver.role == "master" and left.leaver.up)

        def joins() -> bool:
            told = refusal(left.leaver, left.master)[:1]
            seen.extend([] if told in seen else [told])
            return told == []

        until(joins)
        assert seen == [["HOST_STILL_BOOTING"], ["POOL_JOINING_HOST_TLS_VERIFICATION_MISMATCH"], []]


def test_who_was_ejected_can_join_again() -> None:
    with running(scene(pair())) as sim:
        left = ejected(sim)
        uuid = only(left.own, "host")["uuid"]
        joined(sim, left.leaver, left.master)
        assert only(left.pool, "host", uuid=uuid)["enabled"]


def test_auto_enable_of_the_local_database_stays() -> None:
    with running(scene(pair())) as sim:
        Rpc(sim.host("master")).call("host.disable", sim.host("leaver").ref, False)
        left = ejected(sim)
        assert only(left.own, "host")["enabled"] is False


def test_a_first_boot_cut_short_begins_again() -> None:
    with running(scene(pair())) as sim:
        left = about_to_leave(sim)
        sim.fault("toolstack_crash", host="leaver", step="first boot: before networks")
        assert eject(left) == []
        until(lambda: is_back(left.leaver) and not left.leaver.disk.first_boot)
        assert len(pifs(left)) == 4


def test_a_lab_that_stops_before_the_reboot_finds_the_server_ejected(tmp_path: Path) -> None:
    with running(scene(pair()), state=tmp_path / "state.json") as sim:
        left = about_to_leave(sim)
        sim.world.timing = replace(sim.world.timing, fuse=30)
        assert eject(left) == []
    with running(scene(pair()), state=tmp_path / "state.json") as sim:
        leaver = sim.host("leaver")
        assert leaver.disk.role == Disk().role
        until(lambda: is_back(leaver) and not leaver.disk.first_boot)
        assert only(leaver.database, "host")["uuid"] == leaver.uuid
        assert leaver.database is not sim.host("master").database
