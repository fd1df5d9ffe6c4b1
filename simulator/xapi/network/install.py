"""The networking of a freshly installed server: a network per card, and what its scene adds."""

from simulator.scenes.model import BondSpec
from simulator.world.hardware import Nic
from simulator.world.host import HostMachine
from simulator.xapi.network.bond_properties import with_defaults
from simulator.xapi.network.plugs import write_plugs
from simulator.xapi.network.rows import (
    BondPlan,
    add_metrics,
    add_network,
    add_pif,
    create_bond,
    create_tunnel,
    create_vlan,
    next_bridge,
)
from simulator.xapi.rows import Row, first

HOST_INTERNAL = "Host internal management network"
HOST_INTERNAL_CONFIG = {"is_guest_installer_network": "true", "is_host_internal_management_network": "true"}


def install_networks(machine: HostMachine, host: Row) -> None:
    spec = machine.spec
    for nic in machine.hardware.nics:
        _install_card(machine, host, nic)
    add_network(
        host.database,
        HOST_INTERNAL,
        "xenapi",
        other_config=dict(HOST_INTERNAL_CONFIG),
    )
    if spec.management.vlan >= 0:
        _move_management_to_vlan(machine, host)
    for name in spec.networks:
        named_network(host, name)
    for bond in spec.bonds:
        create_bond(host, _plan(host, bond))
    for vlan in spec.vlans:
        below = _pif_or_bond(host, vlan.on)
        create_vlan(below, vlan.tag, named_network(host, vlan.network), currently_attached=True)
    for tunnel in spec.tunnels:
        create_tunnel(_pif_or_bond(host, tunnel.on), named_network(host, tunnel.network))
    write_plugs(machine, host)


def _plan(host: Row, bond: BondSpec) -> BondPlan:
    return BondPlan(
        network=named_network(host, bond.network),
        pifs=[_pif(host, device) for device in bond.nics],
        mode=bond.mode,
        properties=with_defaults(bond.mode, bond.properties),
    )


def named_network(host: Row, name: str) -> Row:
    """The network with this label, made on the next free bridge where there is none."""
    found = first(host.database, "network", name_label=name)
    return found or add_network(host.database, name, next_bridge(host.database))


def address_fields(machine: HostMachine) -> dict[str, object]:
    """The management address, as it stands in the PIF that carries it."""
    network = machine.address.rpartition(".")[0]
    return {
        "management": True,
        "ip_configuration_mode": machine.spec.management.mode,
        "IP": machine.address,
        "netmask": "255.255.255.0",
        "gateway": f"{network}.254",
        "DNS": f"{network}.253",
    }


def _install_card(machine: HostMachine, host: Row, nic: Nic) -> None:
    place = machine.position(nic)
    network = add_network(host.database, f"Pool-wide network {place}", f"xenbr{place}")
    management = machine.spec.management
    carries = nic.device == management.nic and management.vlan < 0
    add_pif(
        host,
        network,
        add_metrics(host.database, nic),
        uuid=machine.identity(f"pif {nic.device}"),
        device=nic.device,
        MAC=nic.mac,
        physical=True,
        currently_attached=True,
        **(address_fields(machine) if carries else {}),
    )


def _move_management_to_vlan(machine: HostMachine, host: Row) -> None:
    management = machine.spec.management
    network = add_network(host.database, f"Management VLAN {management.vlan}", next_bridge(host.database))
    below = _pif(host, management.nic)
    create_vlan(below, management.vlan, network, currently_attached=True, **address_fields(machine))


def _pif(host: Row, device: str) -> Row:
    for pif in host.all("PIFs", "PIF"):
        if pif.text("device") == device and pif.number("VLAN") < 0:
            return pif
    raise LookupError(f"no card or bond {device!r} on {host.text('name_label')}")


def _pif_or_bond(host: Row, name: str) -> Row:
    """A PIF by device, or the one on the network of that label (how a scene names its bonds)."""
    network = first(host.database, "network", name_label=name)
    on_network = [pif for pif in host.all("PIFs", "PIF") if network and pif.text("network") == network.ref]
    return on_network[0] if on_network else _pif(host, name)
