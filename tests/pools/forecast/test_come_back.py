"""What is foretold of a removed server is what it comes back as: every scene, every way to have management."""

from dataclasses import replace

import pytest

from pools.forecast.come_back import Danger, come_back_of
from pools.forecast.interfaces import card_below
from pools.xapi.inventory import Snapshot
from simulator.running import running
from simulator.scenes.model import Scene
from simulator.world import reach
from tests.pools.forecast.parity import read
from tests.pools.snapshots.ejecting import Ejected, ejecting, pair

BONDED = "bonds: [{network: Management, nics: [eth1, eth2], mode: active-backup}]"
RENAMED = "nic_overrides: [{device: eth0, pci: '0000:3b:00.1'}, {device: eth1, pci: '0000:3b:00.0'}]"
DHCP = "management: {nic: eth0, mode: DHCP}"
CASES: dict[str, tuple[str | Scene, str, str]] = {
    "a plain card": (pair(), "master", "leaver"),
    "a bond": (pair("management: {nic: eth2}", BONDED), "master", "leaver"),
    "a VLAN": (pair("management: {nic: eth1, vlan: 30}"), "master", "leaver"),
    "a VLAN on a bond": (pair("management: {nic: eth1, vlan: 30}", BONDED), "master", "leaver"),
    "a lease": (pair(DHCP), "master", "leaver"),
    "a lease on a bond": (pair("management: {nic: eth2, mode: DHCP}", BONDED), "master", "leaver"),
    "cards in another order": (pair(RENAMED), "master", "leaver"),
    "cards counted in another order": (pair("nic_order: {eth0: 1, eth1: 0}"), "master", "leaver"),
    "ibm-cloud": ("ibm-cloud", "ibm-1", "ibm-2"),
    "ibm-cloud, crossed": ("ibm-cloud", "ibm-1", "ibm-3"),
    "lacp-only-switch": ("lacp-only-switch", "lacp-1", "lacp-2"),
    "busy-member": ("busy-member", "boss", "busy"),
}


def told(found: Ejected) -> dict[str, object]:
    """The forecast, in the words of ``seen``."""
    foretold = found.foretold
    names = ("name", "hostname", "device", "mac", "vlan", "mode", "address", "gateway", "dns", "ipv6", "ipv6_mode")
    return {name: getattr(foretold, name) for name in names} | {
        "networks": foretold.networks,
        "certificate": foretold.certificate,
        "tls": foretold.tls_verification,
    }


def seen(now: Snapshot) -> dict[str, object]:
    """What the server says of itself when it is back."""
    host, pif = now.master, now.management_pif(now.master)
    assert pif is not None
    certificates = [each for each in now.certificates.values() if each.type == "host"]
    return {
        "name": host.name_label,
        "hostname": host.hostname,
        "device": card_below(now, pif).device,
        "mac": card_below(now, pif).MAC,
        "vlan": pif.VLAN,
        "mode": pif.ip_configuration_mode,
        "address": pif.IP,
        "gateway": pif.gateway,
        "dns": pif.DNS,
        "ipv6": "".join(pif.IPv6),
        "ipv6_mode": pif.ipv6_configuration_mode,
        "networks": len({each.network for each in now.pifs.values()}),
        "certificate": next((each.fingerprint_sha256 or each.fingerprint for each in certificates), ""),
        "tls": now.pool.tls_verification_enabled,
    }


@pytest.mark.parametrize("case", CASES)
def test_a_server_comes_back_as_foretold(case: str) -> None:
    with ejecting(*CASES[case]) as found:
        assert told(found) == seen(found.now)
        assert not found.now.bonds
        assert [pif for pif in found.now.pifs.values() if pif.VLAN >= 0 and not pif.management] == []
        if found.foretold.is_reachable:
            assert reach.from_outside(found.leaver)


def test_the_certificate_is_the_one_that_was_trusted() -> None:
    with running("pool-of-four") as sim:
        assert come_back_of(read(sim.host("four-1")), sim.host("four-3").uuid).certificate


def dangers(pool: Snapshot, uuid: str) -> dict[Danger, bool]:
    return {warned.danger: warned.loud for warned in come_back_of(pool, uuid).warnings}


def test_a_bond_on_ports_that_want_lacp_is_warned_of_loudly_and_is_dark_afterwards() -> None:
    with ejecting("lacp-only-switch", "lacp-1", "lacp-2") as found:
        assert [warned.danger for warned in found.foretold.warnings if warned.loud] == [Danger.LACP]
        assert not reach.from_outside(found.leaver)


def test_a_card_without_a_link_and_one_with_another_name_are_warned_of_loudly() -> None:
    renamed = pair(RENAMED + ', cables: {eth1: ""}')
    with running(renamed) as sim:
        found = dangers(read(sim.host("master")), sim.host("leaver").uuid)
    assert found == {Danger.RENAMED: True, Danger.NO_CARRIER: True}


def test_what_is_lost_is_named() -> None:
    with running("ibm-cloud") as sim:
        found = come_back_of(read(sim.host("ibm-1")), sim.host("ibm-2").uuid)
    assert found.lost_bonds == ("Private bond: eth0 + eth2, lacp", "Public bond: eth1 + eth3, lacp")
    assert found.lost_vlans == ("Storage 1100 (VLAN 1100)",)
    assert found.lost_addresses == ("10.110.0.12 on Storage 1100 (VLAN 1100)", "203.0.113.12 on Public bond")
    assert found.from_bond == "Private bond"


def test_what_could_not_be_read_is_not_passed_over() -> None:
    with running(pair()) as sim:
        pool, uuid = read(sim.host("master")), sim.host("leaver").uuid
    assert dangers(replace(pool, unread=frozenset({"bond"})), uuid) == {Danger.NOT_READ: False}
    assert dangers(replace(pool, host_metrics={}), uuid) == {Danger.NOT_READ: False}
    assert Danger.NO_MANAGEMENT in dangers(replace(pool, pifs={}), uuid)
    assert dangers(pool, "nobody") == {Danger.NOT_READ: False}
    assert dangers(replace(pool, pif_metrics={}), uuid) == {Danger.NAMES_UNKNOWN: False}
