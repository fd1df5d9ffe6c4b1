"""PIF calls that succeed, and what they leave (network.md 2.6)."""

import socket
import ssl
import time
from dataclasses import replace

import pytest

from simulator.running import Simulation
from simulator.world.host import HostMachine
from simulator.xapi.machines import host_row
from simulator.xapi.network.rows import add_network
from simulator.xapi.rows import Row, first
from tests.simulator.network.rows import bonded, card, pool, spare, tunnel, vlan
from tests.simulator.rpc import Rpc, XapiFailure
from tests.simulator.waiting import until

MASK = "255.255.255.0"
CUT = (ConnectionError, ssl.SSLError)


def test_an_unplugged_pif_is_reconfigured_in_the_database_only(host: HostMachine, rpc: Rpc) -> None:
    """Not even HA objects."""
    pif = spare(host)
    rpc.call("PIF.unplug", pif.ref)
    pool(host).set(ha_enabled=True)
    rpc.call("PIF.reconfigure_ip", pif.ref, "Static", "10.0.0.9", MASK, "", "")
    assert pif.text("IP") == "10.0.0.9"
    assert pif.flag("currently_attached") is False
    assert "xenbr1" not in host.interfaces.plugs


def test_an_ip_on_a_member_is_accepted(host: HostMachine, rpc: Rpc) -> None:
    """[D] network.md 2.6: only the database changes, until the next Bond.create counts it."""
    member = bonded(host)[1]
    rpc.call("PIF.reconfigure_ip", member.ref, "Static", "10.0.0.9", MASK, "", "")
    assert (member.text("IP"), member.flag("currently_attached")) == ("10.0.0.9", False)
    assert "10.0.0.9" not in {plug.address for plug in host.interfaces.plugs.values()}


def test_new_dns_for_an_unchanged_static_address_passes_under_ha(host: HostMachine, rpc: Rpc) -> None:
    pif = card(host)
    pool(host).set(ha_enabled=True)
    same = [pif.text(name) for name in ("ip_configuration_mode", "IP", "netmask", "gateway")]
    rpc.call("PIF.reconfigure_ip", pif.ref, *same, "10.0.0.53")
    assert pif.text("DNS") == "10.0.0.53"


def test_dns_servers_of_the_other_family_stay(host: HostMachine, rpc: Rpc) -> None:
    pif = spare(host, DNS="10.0.0.2,2001:db8::2")
    rpc.call("PIF.reconfigure_ip", pif.ref, "Static", "10.0.0.9", MASK, "", "10.0.0.3")
    assert pif.text("DNS") == "10.0.0.3,2001:db8::2"
    rpc.call("PIF.reconfigure_ipv6", pif.ref, "Static", "2001:db8::9/64", "", "2001:db8::3")
    assert (pif.text("DNS"), pif.items("IPv6")) == ("10.0.0.3,2001:db8::3", ["2001:db8::9/64"])


def test_a_plug_that_fails_leaves_a_reconfigured_pif_unplugged(sim: Simulation, rpc: Rpc) -> None:
    pif = spare(sim.hosts[0])
    sim.fault("plug_fails", data={"device": "eth1"})
    with pytest.raises(XapiFailure) as failure:
        rpc.call("PIF.reconfigure_ip", pif.ref, "DHCP", "", "", "", "")
    assert failure.value.description == ["PIF_CONFIGURATION_ERROR", pif.ref, ""]
    assert (pif.text("ip_configuration_mode"), pif.flag("currently_attached")) == ("DHCP", False)


def test_dhcp_gives_a_card_the_same_address_again(host: HostMachine, rpc: Rpc) -> None:
    found = set()
    for mode in ("DHCP", "None", "DHCP"):
        rpc.call("PIF.reconfigure_ip", spare(host).ref, mode, "", "", "", "")
        found.add(spare(host).text("IP"))
    assert len(found - {""}) == 1
    assert spare(host).text("netmask") == MASK


def test_a_new_management_address_is_where_the_host_answers_with_its_old_sessions(host: HostMachine, rpc: Rpc) -> None:
    """The connection is lost, the session is not (network.md 5)."""
    pif, session, old = card(host), rpc.session, host.address
    with pytest.raises(CUT):
        rpc.call("PIF.reconfigure_ip", pif.ref, "Static", "127.99.7.1", MASK, "", "")
    until(lambda: host_row(host).text("address") == "127.99.7.1")
    assert Rpc(host).bare("PIF.get_IP", session, pif.ref) == "127.99.7.1"
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((old, host.port), timeout=5)


def test_a_lost_reply_of_reconfigure_ip_waits_300_seconds(pair: Simulation) -> None:
    """[D] network.md 2.1: the call works, and still ends in CANNOT_CONTACT_HOST when the time is over."""
    master, member = pair.hosts
    pair.world.timing = replace(pair.world.timing, reconfigure_tolerance=0.3)
    pif, start = card(member), time.monotonic()
    with pytest.raises(XapiFailure) as failure:
        Rpc(master).call("PIF.reconfigure_ip", pif.ref, "Static", "127.99.7.2", MASK, "", "")
    assert failure.value.description == ["CANNOT_CONTACT_HOST", member.ref]
    assert time.monotonic() - start > 0.3
    assert member.address == pif.text("IP") == "127.99.7.2"


def test_a_forgotten_card_comes_back_with_the_next_scan(host: HostMachine, rpc: Rpc) -> None:
    """As another PIF, on the network of its place, with metrics that know of no link yet."""
    old = spare(host)
    metrics, network = old.text("metrics"), old.text("network")
    rpc.call("PIF.forget", old.ref)
    assert not host.database.has("PIF_metrics", metrics)
    assert "xenbr1" not in host.interfaces.plugs
    rpc.call("PIF.scan", host.ref)
    new = spare(host)
    assert (new.ref == old.ref, new.text("network"), new.flag("currently_attached")) == (False, network, False)
    assert new.to("metrics", "PIF_metrics").flag("carrier") is False


def test_two_networks_with_one_bridge_make_a_scan_add_a_third(host: HostMachine, rpc: Rpc) -> None:
    add_network(host.database, "Twin", "xenbr1")
    rpc.call("PIF.forget", spare(host).ref)
    rpc.call("PIF.scan", host.ref)
    assert len(host.database.find("network", bridge="xenbr1")) == 3


def test_a_scan_names_its_networks_as_its_version_does(host: HostMachine, rpc: Rpc) -> None:
    for build, label in (("26.1.3", "Pool-wide network 1"), ("25.33.1", "Pool-wide network associated with eth1")):
        host_row(host).put("software_version", "xapi_build", build)
        network = spare(host).text("network")
        rpc.call("PIF.forget", spare(host).ref)
        rpc.call("network.destroy", network)
        rpc.call("PIF.scan", host.ref)
        assert spare(host).to("network", "network").text("name_label") == label


def test_a_card_is_introduced_by_name_with_the_address_that_it_has(host: HostMachine, rpc: Rpc) -> None:
    pif = spare(host)
    mac = pif.text("MAC")
    rpc.call("PIF.forget", pif.ref)
    made = Row(host.database, "PIF", rpc.ref("PIF.introduce", host.ref, "", "eth1"))
    assert (made.text("MAC"), made.flag("managed"), made.mapping("properties")) == (mac, True, {"gro": "on"})


def test_rows_are_introduced_and_forgotten_without_a_card(host: HostMachine, rpc: Rpc) -> None:
    network = spare(host).text("network")
    identity = ("eth9", network, host.ref, "02:00:00:00:00:09", 1500, -1, True, "None", "", "", "", "")
    rest: tuple[object, ...] = ("OpaqueRef:NULL", "OpaqueRef:NULL", False, {}, False, "None", [""], "", "IPv4")
    ref = rpc.ref("PIF.db_introduce", *identity, *rest)
    assert Row(host.database, "PIF", ref).flag("managed")
    rpc.call("PIF.db_forget", ref)
    assert first(host.database, "PIF", device="eth9") is None


def test_a_property_reaches_bond_members_too(host: HostMachine, rpc: Rpc) -> None:
    bond, member = bonded(host)
    rpc.call("PIF.set_property", bond.ref, "gro", "off")
    assert bond.mapping("properties") == member.mapping("properties") == {"gro": "off"}


def test_a_tunnel_brings_its_transport_up_and_goes_down_with_it(host: HostMachine, rpc: Rpc) -> None:
    access, transport = tunnel(host)
    rpc.call("PIF.reconfigure_ip", transport.ref, "Static", "10.0.0.9", MASK, "", "")
    rpc.call("PIF.unplug", transport.ref)
    rpc.call("PIF.plug", access.ref)
    assert transport.flag("currently_attached")
    assert access.all("tunnel_access_PIF_of", "tunnel")[0].mapping("status") == {"active": "true"}
    rpc.call("PIF.unplug", transport.ref)
    assert access.flag("currently_attached") is False
    assert access.all("tunnel_access_PIF_of", "tunnel")[0].mapping("status") == {"active": "false"}


def test_letting_go_of_a_pif_can_be_forbidden_and_allowed_again(host: HostMachine, rpc: Rpc) -> None:
    pif = vlan(host)[0]
    rpc.call("PIF.set_disallow_unplug", pif.ref, True)
    with pytest.raises(XapiFailure, match="PIF_DOES_NOT_ALLOW_UNPLUG"):
        rpc.call("PIF.unplug", pif.ref)
    rpc.call("PIF.set_disallow_unplug", pif.ref, False)
    rpc.call("PIF.unplug", pif.ref)
