"""Spoilers of networking and storage."""

from simulator.scenes.spoil import Refusal, spoiler
from simulator.world.hardware import GIB
from simulator.world.host import HostMachine
from simulator.xapi.host.sync import refresh_host
from simulator.xapi.machines import host_row
from simulator.xapi.network.install import address_fields
from simulator.xapi.network.rows import (
    BondPlan,
    add_network,
    create_bond,
    create_tunnel,
    create_vlan,
    next_bridge,
    physical_pifs,
)
from simulator.xapi.rows import Row, add, first
from simulator.xapi.storage.rows import NewSr, add_sr

GUEST_VLAN = 40
MANAGEMENT_VLAN = 12


@spoiler("shared-sr", "14")
def attach_shared_sr(joiner: HostMachine, _coordinator: HostMachine) -> Refusal:
    config = {"server": "10.0.9.5", "serverpath": "/vms"}
    add_sr(
        host_row(joiner),
        NewSr(name="Old NFS storage", type="nfs", shared=True, size=900 * GIB, device_config=config),
    )
    return ["JOINING_HOST_CANNOT_CONTAIN_SHARED_SRS"]


@spoiler("bond", "15")
def bond_two_cards(joiner: HostMachine, _coordinator: HostMachine) -> Refusal:
    host = host_row(joiner)
    plan = BondPlan(network=_network(joiner, "Bond of old days"), pifs=physical_pifs(host)[2:4])
    create_bond(host, plan)
    return ["POOL_JOINING_HOST_HAS_BONDS"]


@spoiler("tunnel", "16")
def build_tunnel(joiner: HostMachine, _coordinator: HostMachine) -> Refusal:
    create_tunnel(physical_pifs(host_row(joiner))[0], _network(joiner, "Tunnelled"))
    return ["POOL_JOINING_HOST_HAS_TUNNELS"]


@spoiler("sriov", "17")
def enable_sriov(joiner: HostMachine, _coordinator: HostMachine) -> Refusal:
    pif = physical_pifs(host_row(joiner))[1]
    add(joiner.database, "network_sriov", physical_PIF=pif.ref, configuration_mode="sysfs")
    return ["POOL_JOINING_HOST_HAS_NETWORK_SRIOVS"]


@spoiler("vlan", "18")
def add_guest_vlan(joiner: HostMachine, _coordinator: HostMachine) -> Refusal:
    create_vlan(physical_pifs(host_row(joiner))[1], GUEST_VLAN, _network(joiner, "Guests"))
    return ["POOL_JOINING_HOST_HAS_NON_MANAGEMENT_VLANS"]


@spoiler("management-vlan", "19")
def move_management_to_vlan(joiner: HostMachine, _coordinator: HostMachine) -> Refusal:
    card = _management(joiner)
    card.set(management=False, ip_configuration_mode="None", IP="", netmask="", gateway="", DNS="")
    create_vlan(card, MANAGEMENT_VLAN, _network(joiner, "Management VLAN"), **address_fields(joiner))
    return ["POOL_JOINING_HOST_MANAGEMENT_VLAN_DOES_NOT_MATCH", str(MANAGEMENT_VLAN), "-1"]


@spoiler("network-backend", "22a")
def use_linux_bridge(joiner: HostMachine, _coordinator: HostMachine) -> Refusal:
    joiner.software["network_backend"] = "bridge"
    refresh_host(joiner)
    return ["OPERATION_NOT_ALLOWED", "Network backends differ"]


@spoiler("sdn-controller", "22b")
def add_sdn_controller(joiner: HostMachine, _coordinator: HostMachine) -> Refusal:
    add(joiner.database, "SDN_controller", protocol="ssl", address="10.0.9.9", port=6640)
    return ["OPERATION_NOT_ALLOWED", "SDN controller differs"]


@spoiler("address-type", "26")
def prefer_ipv6(joiner: HostMachine, _coordinator: HostMachine) -> Refusal:
    _management(joiner).set(primary_address_type="IPv6")
    return ["OPERATION_NOT_ALLOWED", "Primary address type differs"]


@spoiler("network-purpose", "27")
def mix_nbd(joiner: HostMachine, coordinator: HostMachine) -> Refusal:
    """One side moves disks encrypted, the other in the clear."""
    for machine, purpose in ((joiner, "insecure_nbd"), (coordinator, "nbd")):
        network = first(machine.database, "network", bridge="xenbr0")
        if network and not network.items("purpose"):
            network.set(purpose=[purpose])
    return ["OPERATION_NOT_ALLOWED", "Incompatible network purposes: nbd and insecure_nbd"]


def _network(machine: HostMachine, name: str) -> Row:
    return add_network(machine.database, name, next_bridge(machine.database))


def _management(machine: HostMachine) -> Row:
    pif = first(machine.database, "PIF", host=machine.ref, management=True)
    if pif is None:
        raise LookupError(f"{machine.name} has no management interface")
    return pif
