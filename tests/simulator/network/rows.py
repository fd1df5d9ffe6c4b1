"""Finding and making rows of one host in a few words."""

from simulator.world.host import HostMachine
from simulator.xapi.machines import host_row
from simulator.xapi.network.rows import BondPlan, add_network, create_bond, create_tunnel, create_vlan, next_bridge
from simulator.xapi.rows import Row, add, rows
from simulator.xapi.vm.rows import NewVm, add_vm


def card(host: HostMachine, device: str = "eth0") -> Row:
    """The physical PIF of this device."""
    pifs = host_row(host).all("PIFs", "PIF")
    return next(pif for pif in pifs if pif.text("device") == device and pif.flag("physical"))


def spare(host: HostMachine, device: str = "eth1", **changes: object) -> Row:
    """A card that carries no management, changed or as it is."""
    found = card(host, device)
    if changes:
        found.set(**changes)
    return found


def network(host: HostMachine, name: str = "Guests", **fields: object) -> Row:
    """A new network on a bridge of its own."""
    return add_network(host.database, name, next_bridge(host.database), **fields)


def pool(host: HostMachine) -> Row:
    return next(rows(host.database, "pool"))


def bonded(host: HostMachine) -> tuple[Row, Row]:
    """The PIF of a new bond of eth2 and eth3, and its second member."""
    members = [card(host, "eth2"), card(host, "eth3")]
    bond = create_bond(host_row(host), BondPlan(network=network(host), pifs=members))
    return bond.to("master", "PIF"), members[1]


def vlan(host: HostMachine, tag: int = 7) -> tuple[Row, Row]:
    """The PIF of a new VLAN on eth2, and the one below it."""
    lower = card(host, "eth2")
    return create_vlan(lower, tag, network(host), currently_attached=True).to("untagged_PIF", "PIF"), lower


def tunnel(host: HostMachine) -> tuple[Row, Row]:
    """The access PIF of a new tunnel on eth2, and the one below it."""
    lower = card(host, "eth2")
    return create_tunnel(lower, network(host)).to("access_PIF", "PIF"), lower


def sriov(host: HostMachine) -> tuple[Row, Row]:
    """A logical PIF over eth2, and the card."""
    lower = card(host, "eth2")
    add(host.database, "network_sriov", physical_PIF=lower.ref, logical_PIF=card(host, "eth3").ref)
    return card(host, "eth3"), lower


def clustered(host: HostMachine, pif: Row, operations: dict[str, str] | None = None, **fields: object) -> Row:
    """A cluster host on this PIF."""
    cluster = add(host.database, "Cluster", current_operations=operations or {})
    return add(host.database, "Cluster_host", cluster=cluster.ref, host=host.ref, PIF=pif.ref, **fields)


def guest_vif(host: HostMachine, on: Row, state: str = "Running", **fields: object) -> Row:
    """The interface of a VM of its own on this network."""
    vm = add_vm(host_row(host), NewVm(name="web", power_state=state))
    attached = {"currently_attached": state == "Running"}
    return add(host.database, "VIF", **({"VM": vm.ref, "network": on.ref, "device": "0"} | attached | fields))
