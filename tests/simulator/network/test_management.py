"""Where a host is administered (network.md 2.7)."""

import ssl

import pytest

from simulator.running import Simulation
from simulator.world import reach, switches
from simulator.world.host import HostMachine
from simulator.xapi.errors import XapiError
from simulator.xapi.machines import host_row
from simulator.xapi.network.plug import bring_up, refresh_management_flags
from simulator.xapi.network.rows import add_network
from tests.simulator.network.rows import card, spare
from tests.simulator.rpc import Rpc, XapiFailure
from tests.simulator.waiting import until

MASK = "255.255.255.0"
CUT = (ConnectionError, ssl.SSLError)


def addressed(host: HostMachine, address: str) -> str:
    """eth1 with an address, plugged."""
    pif = spare(host, ip_configuration_mode="Static", IP=address, netmask=MASK)
    bring_up(host, pif)
    return pif.ref


def test_the_old_interface_keeps_its_address(host: HostMachine, rpc: Rpc) -> None:
    with pytest.raises(CUT):
        rpc.call("host.management_reconfigure", addressed(host, "127.99.3.1"))
    until(lambda: not card(host).flag("management"))
    assert Rpc(host).call("host.get_address", host.ref) == "127.99.3.1"
    assert card(host).text("IP") == host.home
    assert host.interfaces.plugs["xenbr0"].address == host.home
    assert Rpc(host).call("host.get_management_interface", host.ref) == spare(host).ref


def test_what_is_management_already_is_left_alone(host: HostMachine, rpc: Rpc) -> None:
    pif = card(host)
    pif.set(currently_attached=False)
    rpc.call("host.management_reconfigure", pif.ref)
    assert pif.flag("currently_attached") is False


def test_incompatible_address_type_never_escapes(host: HostMachine, rpc: Rpc) -> None:
    """[D] network.md 2.7: the comparison with the old interface is inside a catch-all."""
    pif = addressed(host, "127.99.3.9")
    spare(host, primary_address_type="IPv6", ipv6_configuration_mode="Static", IPv6=["2001:db8::9/64"])
    with pytest.raises(CUT):
        rpc.call("host.management_reconfigure", pif)
    until(lambda: spare(host).flag("management"))


def test_a_members_lost_reply_is_a_success_once_the_flag_has_moved(pair: Simulation) -> None:
    master, member = pair.hosts
    Rpc(master).call("host.management_reconfigure", addressed(member, "127.99.3.2"))
    assert member.address == host_row(member).text("address") == "127.99.3.2"


def test_the_flags_follow_the_first_network_with_the_inventorys_bridge(host: HostMachine) -> None:
    """Two networks with one bridge break it."""
    twin = add_network(host.database, "Twin", "xenbr1")
    host.interfaces.management = "xenbr1"
    refresh_management_flags(host)
    assert (card(host).flag("management"), spare(host).flag("management")) == (False, True)
    spare(host).set(network=twin.ref)
    refresh_management_flags(host)
    assert spare(host).flag("management") is False


def test_management_on_a_card_without_cable_cuts_the_host_off(sim: Simulation, host: HostMachine) -> None:
    dark = next(nic for nic in host.hardware.nics if nic.device == "eth1")
    switches.connect(host, dark, "")
    with pytest.raises((*CUT, TimeoutError)):
        Rpc(host, timeout=0.3).call("host.management_reconfigure", addressed(host, "127.99.3.3"))
    assert (reach.from_outside(host), reach.from_outside(sim.hosts[1])) == (False, True)
    assert host.interfaces.management == "xenbr1"


def test_a_pool_moves_member_by_member_and_the_master_last(pair: Simulation) -> None:
    master, member = pair.hosts
    addressed(member, "127.99.3.4")
    network = spare(master).text("network")
    assert spare(member).text("network") == network
    addressed(master, "127.99.3.5")
    with pytest.raises(CUT):
        Rpc(master).call("pool.management_reconfigure", network)
    until(lambda: member.settled and member.pool_conf == "slave:127.99.3.5")
    until(lambda: bool(Rpc(master).call("host.get_enabled", member.ref)))
    addresses = [Rpc(master).call("host.get_address", each.ref) for each in (master, member)]
    assert addresses == ["127.99.3.5", "127.99.3.4"]


def test_the_first_error_of_a_pool_is_told_when_all_have_been_tried(pair: Simulation) -> None:
    master, member = pair.hosts
    addressed(member, "127.99.3.6")
    addressed(master, "127.99.3.7")
    pair.fault("plug_fails", host=member.name, data={"device": "eth1"})
    with pytest.raises(CUT):
        Rpc(master).call("pool.management_reconfigure", spare(master).text("network"))
    assert (master.address, member.address) == ("127.99.3.7", member.home)


def test_a_member_may_not_go_without_management(pair: Simulation) -> None:
    """Asked over a local session, as the console does: any other is the master's."""
    master, member = pair.hosts
    local = Rpc(member).bare("session.slave_local_login_with_password", member.username, member.password)
    with pytest.raises(XapiFailure) as failure:
        Rpc(member).bare("host.management_disable", local)
    assert failure.value.description == ["SLAVE_REQUIRES_MANAGEMENT_INTERFACE"]
    with pytest.raises((*CUT, TimeoutError)):
        Rpc(master, timeout=0.3).call("host.management_disable")
    assert reach.from_outside(master) is False
    until(lambda: not card(master).flag("management"))


def test_in_emergency_mode_management_is_pointed_at_another_bridge(pair: Simulation) -> None:
    member = pair.hosts[1]
    addressed(member, "127.99.3.8")
    member.emergency_error = XapiError("HOST_HAS_NO_MANAGEMENT_IP")
    local = Rpc(member).bare("session.slave_local_login_with_password", member.username, member.password)
    with pytest.raises(CUT):
        Rpc(member).bare("host.local_management_reconfigure", local, "xenbr1")
    assert member.address == "127.99.3.8"
    assert card(member).flag("management")  # nothing is written in the pool's database
