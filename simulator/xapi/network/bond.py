"""Bond.create and Bond.destroy on the host whose cards they are (xapi_bond.ml). Neither rolls anything back.

After each effect stands a `world.step`: the toolstack can be made to die there.
"""

from collections.abc import Callable
from dataclasses import replace

from simulator.world.host import HostMachine
from simulator.xapi.machines import host_row
from simulator.xapi.network import moves
from simulator.xapi.network.bond_checks import refuse_members, refuse_request, refuse_under_ha
from simulator.xapi.network.bond_properties import with_defaults
from simulator.xapi.network.local_vifs import local_vifs
from simulator.xapi.network.plug import bring_up, move_management
from simulator.xapi.network.rows import BondPlan, add_bond, move_addresses
from simulator.xapi.rows import NULL, Row

Report = Callable[[float], None]


def unreported(_progress: float) -> None:
    """For the toolstack's own calls at its start."""


def create(machine: HostMachine, plan: BondPlan, report: Report = unreported) -> Row:
    """Check, make the rows, then let everything follow the members into their bond."""
    refuse_request(host_row(machine), plan)
    members = list({pif.ref: pif for pif in plan.pifs}.values())
    plan = replace(plan, pifs=members, properties=with_defaults(plan.mode, plan.properties or {}))
    with machine.bonding:
        refuse_members(plan)
        return _create(machine, plan, report)


def _create(machine: HostMachine, plan: BondPlan, report: Report) -> Row:
    world, members, host = machine.world, plan.pifs, host_row(machine)
    vifs = local_vifs(host, [pif.to("network", "network") for pif in members])
    vlans, tunnels = moves.vlans_on(members), moves.tunnels_on(members)
    on_vlan, on_member = moves.carry_management(vlans), any(pif.flag("management") for pif in members)
    bond = add_bond(host, plan)
    master = bond.to("master", "PIF")
    world.step(machine, "bond: after records")
    move_addresses(bond.to("primary_slave", "PIF"), master)
    world.step(machine, "bond: after addresses")
    if on_member:
        move_management(machine, master)
    elif not on_vlan:
        bring_up(machine, master)
    _reached(machine, "bond: after management", report, 0.2)
    for vlan in vlans:
        moves.move_vlan(machine, vlan, master)
    world.step(machine, "bond: after VLANs")
    if on_vlan:
        bring_up(machine, master)
    report(0.4)
    for tunnel in tunnels:
        moves.move_tunnel(machine, tunnel, master)
    _reached(machine, "bond: after tunnels", report, 0.6)
    moves.move_vifs(machine, vifs, plan.network)
    _reached(machine, "bond: after VIFs", report, 0.8)
    moves.move_disallow_unplug(members, master)
    _reached(machine, "bond: after disallow_unplug", report, 0.9)
    moves.move_cluster_interface(host, members, master)
    report(1.0)
    return bond


def destroy(machine: HostMachine, bond: Row, report: Report = unreported) -> None:
    """Everything goes down to the primary member; the bond's network stays, without a PIF of this host."""
    refuse_under_ha(bond.to("master", "PIF"))
    with machine.bonding:
        _destroy(machine, bond, report)


def _destroy(machine: HostMachine, bond: Row, report: Report) -> None:
    world, host = machine.world, host_row(machine)
    master, primary = bond.to("master", "PIF"), bond.to("primary_slave", "PIF")
    members, network = bond.all("slaves", "PIF"), primary.to("network", "network")
    vifs = local_vifs(host, [master.to("network", "network")])
    vlans, tunnels = moves.vlans_on([master]), moves.tunnels_on([master])
    on_vlan, plugged = moves.carry_management(vlans), master.flag("currently_attached")
    move_addresses(master, primary)
    world.step(machine, "bond destroy: after addresses")
    if master.flag("management"):
        move_management(machine, primary)
        _plug_all([pif for pif in members if pif != primary], machine)
    elif plugged and not on_vlan:
        _plug_all(members, machine)
    _reached(machine, "bond destroy: after management", report, 0.2)
    for vlan in vlans:
        moves.move_vlan(machine, vlan, primary)
    world.step(machine, "bond destroy: after VLANs")
    if plugged and on_vlan:
        _plug_all(members, machine)
    report(0.4)
    moves.move_vifs(machine, vifs, network)
    _reached(machine, "bond destroy: after VIFs", report, 0.6)
    for tunnel in tunnels:
        moves.move_tunnel(machine, tunnel, primary)
    _reached(machine, "bond destroy: after tunnels", report, 0.8)
    moves.move_disallow_unplug([master], primary)
    moves.move_cluster_interface(host, [master], primary)
    _delete(bond, master, members)
    report(1.0)


def _delete(bond: Row, master: Row, members: list[Row]) -> None:
    """The metrics of the bond's PIF stay behind: nothing collects them."""
    bond.database.delete("Bond", bond.ref)
    master.database.delete("PIF", master.ref)
    for pif in members:
        if pif.text("bond_slave_of") != NULL:
            pif.set(bond_slave_of=NULL)


def _plug_all(pifs: list[Row], machine: HostMachine) -> None:
    for pif in pifs:
        bring_up(machine, pif)


def _reached(machine: HostMachine, step: str, report: Report, progress: float) -> None:
    machine.world.step(machine, step)
    report(progress)
