"""Bonds of one host in a few words."""

from collections.abc import Sequence
from dataclasses import replace

from simulator.running import Simulation
from simulator.world.host import HostMachine
from simulator.xapi.machines import host_row
from simulator.xapi.network import bond
from simulator.xapi.network.owned import bonds_of
from simulator.xapi.network.rows import BondPlan
from simulator.xapi.rows import Row, add
from tests.simulator.network.rows import card, network


def bonded(
    host: HostMachine, devices: Sequence[str], name: str = "Bonded", mode: str = "balance-slb", mac: str = ""
) -> Row:
    """What Bond.create makes of these cards on a new network."""
    pifs = [card(host, device) for device in devices]
    return bond.create(host, BondPlan(network=network(host, name), pifs=pifs, mode=mode, mac=mac))


def members(found: Row) -> set[str]:
    return {pif.text("device") for pif in found.all("slaves", "PIF")}


def bonds_by_network(host: HostMachine) -> dict[str, set[str]]:
    """The members of each bond of a host, by the label of its network."""
    return {
        master(each).to("network", "network").text("name_label"): members(each) for each in bonds_of(host_row(host))
    }


def master(found: Row) -> Row:
    return found.to("master", "PIF")


def address(pif: Row, value: str = "10.7.0.1") -> Row:
    """Give a PIF an address in the database."""
    fields = {"ip_configuration_mode": "Static", "IP": value, "netmask": "255.255.255.0"}
    pif.set(**fields, gateway="10.7.0.254", DNS="10.7.0.253")
    return pif


def vm_on(host: HostMachine, net: Row, **fields: object) -> Row:
    """A VM with one VIF on this network; gives the VIF."""
    vm = add(host.database, "VM", **fields)
    return add(
        host.database, "VIF", VM=vm.ref, network=net.ref, device="0", currently_attached=bool(fields.get("domid"))
    )


def quick(sim: Simulation) -> None:
    """Let the tolerance for lost connections be short."""
    sim.world.timing = replace(sim.world.timing, bond_tolerance=0.02)
