"""Checks come in the order of network.md 2.6 and 2.8: each thing put wrong hides what is wrong further down."""

from collections.abc import Callable

import pytest

from simulator.world.host import HostMachine
from simulator.xapi.network.rows import create_tunnel, create_vlan
from simulator.xapi.rows import Row, add
from tests.simulator.network.rows import bonded, clustered, guest_vif, network, pool, spare
from tests.simulator.rpc import Rpc, XapiFailure

Wrong = tuple[str, Callable[[], object]]


def refusals(rpc: Rpc, wrongs: list[Wrong], method: str, *args: object) -> list[str]:
    """The codes that come while one thing after the other is put wrong."""
    found = []
    for _code, spoil in wrongs:
        spoil()
        with pytest.raises(XapiFailure) as failure:
            rpc.call(method, *args)
        found.append(failure.value.description[0])
    return found


def protection(host: HostMachine) -> list[Wrong]:
    return [
        ("REDO_LOG_IS_ENABLED", lambda: pool(host).set(redo_log_enabled=True)),
        ("HA_IS_ENABLED", lambda: pool(host).set(ha_enabled=True)),
    ]


def test_unplug(host: HostMachine, rpc: Rpc) -> None:
    pif = spare(host)
    wrongs: list[Wrong] = [
        ("PIF_DOES_NOT_ALLOW_UNPLUG", lambda: pif.set(disallow_unplug=True)),
        ("VIF_IN_USE", lambda: guest_vif(host, pif.to("network", "network"))),
        ("PIF_IS_MANAGEMENT_INTERFACE", lambda: pif.set(management=True)),
        *protection(host),
        ("PIF_UNMANAGED", lambda: pif.set(managed=False)),
    ]
    assert refusals(rpc, wrongs, "PIF.unplug", pif.ref) == [code for code, _spoil in wrongs]


def test_forget(host: HostMachine, rpc: Rpc) -> None:
    pif = spare(host)
    wrongs: list[Wrong] = [
        ("CLUSTERING_ENABLED", lambda: clustered(host, pif, enabled=True)),
        ("PIF_SRIOV_STILL_EXISTS", lambda: add(host.database, "network_sriov", physical_PIF=pif.ref)),
        *protection(host),
        ("PIF_TUNNEL_STILL_EXISTS", lambda: create_tunnel(pif, network(host))),
        ("PIF_VLAN_STILL_EXISTS", lambda: create_vlan(pif, 40, network(host))),
        ("PIF_ALREADY_BONDED", lambda: add(host.database, "Bond", master=pif.ref)),
        ("PIF_IS_MANAGEMENT_INTERFACE", lambda: pif.set(management=True)),
    ]
    assert refusals(rpc, wrongs, "PIF.forget", pif.ref) == [code for code, _spoil in wrongs]


def test_reconfigure_ip(host: HostMachine, rpc: Rpc) -> None:
    """Protection is asked for before the arguments are looked at."""
    pif = spare(host)
    wrongs: list[Wrong] = [
        ("INVALID_IP_ADDRESS_SPECIFIED", lambda: pif.set(management=True)),
        ("CLUSTERING_ENABLED", lambda: clustered(host, pif, enabled=True)),
        *protection(host),
        ("PIF_UNMANAGED", lambda: pif.set(managed=False)),
    ]
    bad = ("None", "nowhere", "", "", "")
    assert refusals(rpc, wrongs, "PIF.reconfigure_ip", pif.ref, *bad) == [code for code, _spoil in wrongs]


def test_vlan_create(host: HostMachine, rpc: Rpc) -> None:
    pif, on = spare(host, "eth3"), network(host)

    def elsewhere() -> None:
        Row(host.database, "PIF", spare(host).ref).set(network=on.ref)

    wrongs: list[Wrong] = [
        ("NETWORK_INCOMPATIBLE_WITH_TRUNKS", lambda: guest_vif(host, on, "Halted", trunks=[5])),
        ("PIF_VLAN_EXISTS", lambda: create_vlan(pif, 40, network(host))),
        ("CANNOT_ADD_VLAN_TO_BOND_SLAVE", lambda: bonded(host)),
        ("PIF_UNMANAGED", lambda: pif.set(managed=False)),
        ("NETWORK_ALREADY_CONNECTED", elsewhere),
        ("NETWORK_UNMANAGED", lambda: on.set(managed=False)),
    ]
    assert refusals(rpc, wrongs, "VLAN.create", pif.ref, 40, on.ref) == [code for code, _spoil in wrongs]
