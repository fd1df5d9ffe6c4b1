"""Damage that people do to networking by calls that all succeed."""

from simulator.scenes.damage import damage
from simulator.world.host import HostMachine
from simulator.xapi.machines import host_row
from simulator.xapi.network import bond
from simulator.xapi.network.install import named_network
from simulator.xapi.network.owned import bonds_of, vlans_of
from simulator.xapi.network.plug import bring_up, take_down
from simulator.xapi.network.rows import BondPlan, create_vlan, physical_pifs
from simulator.xapi.rows import Row

Data = dict[str, str]
BETWEEN = "+"


@damage("rebond")
def rebond(machine: HostMachine, data: Data) -> None:
    """All bonds taken apart, and these made by hand, in this order: network: eth1+eth3. Addresses go with the cards."""
    host = host_row(machine)
    before = {_label(each): each.fields("mode", "properties") for each in bonds_of(host)}
    for each in bonds_of(host):
        bond.destroy(machine, each)
    for label, devices in data.items():
        bond.create(
            machine,
            BondPlan(
                network=named_network(host, label),
                pifs=[card(machine, device) for device in devices.split(BETWEEN)],
                **before.get(label, {}),  # type: ignore[arg-type]
            ),
        )


@damage("bond-unplugged")
def unplug_bond(machine: HostMachine, data: Data) -> None:
    take_down(machine, bond_on(machine, data["network"]).to("master", "PIF"))


@damage("no-vlan")
def remove_vlan(machine: HostMachine, data: Data) -> None:
    """The VLAN network has no PIF here."""
    vlan = _vlan_on(machine, data["network"])
    untagged = vlan.to("untagged_PIF", "PIF")
    take_down(machine, untagged)
    vlan.database.delete("VLAN", vlan.ref)
    vlan.database.delete("PIF", untagged.ref)


@damage("vlan")
def add_vlan(machine: HostMachine, data: Data) -> None:
    """One more VLAN, on a card or on the bond of a network, also where its network has a PIF already."""
    below = place(machine, data["on"])
    pif = create_vlan(below, int(data["tag"]), named_network(host_row(machine), data["network"])).to(
        "untagged_PIF", "PIF"
    )
    if data.get("plugged") == "true":
        bring_up(machine, pif)


def card(machine: HostMachine, device: str) -> Row:
    """The physical PIF of this device."""
    for pif in physical_pifs(host_row(machine)):
        if pif.text("device") == device:
            return pif
    raise LookupError(f"no card {device!r} on {machine.name}")


def bond_on(machine: HostMachine, network: str) -> Row:
    for each in bonds_of(host_row(machine)):
        if _label(each) == network:
            return each
    raise LookupError(f"no bond on {network!r} on {machine.name}")


def _label(found: Row) -> str:
    return found.to("master", "PIF").to("network", "network").text("name_label")


def _vlan_on(machine: HostMachine, network: str) -> Row:
    for vlan in vlans_of(host_row(machine)):
        if vlan.to("untagged_PIF", "PIF").to("network", "network").text("name_label") == network:
            return vlan
    raise LookupError(f"no VLAN on {network!r} on {machine.name}")


def place(machine: HostMachine, name: str) -> Row:
    """A card by its device, or a bond by its network."""
    return card(machine, name) if name.startswith("eth") else bond_on(machine, name).to("master", "PIF")
