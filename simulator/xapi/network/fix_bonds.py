"""What every host mends of its own bonds at each start (sync_networking.ml: fix_bonds; xapi_bond.ml: fix_bond)."""

from functools import partial

from simulator.world.host import HostMachine
from simulator.xapi.machines import host_row
from simulator.xapi.network import moves
from simulator.xapi.network.attempts import attempt
from simulator.xapi.network.local_vifs import local_vifs
from simulator.xapi.network.owned import bonds_of
from simulator.xapi.network.plug import move_management
from simulator.xapi.rows import NULL, Row


def fix_bonds(machine: HostMachine) -> None:
    host = host_row(machine)
    for pif in host.all("PIFs", "PIF"):
        if pif.text("bond_slave_of") != NULL and not pif.database.has("Bond", pif.text("bond_slave_of")):
            pif.set(bond_slave_of=NULL)
    for bond in bonds_of(host):
        attempt(f"bond {bond.uuid} is not mended", partial(fix_bond, machine, bond))


def fix_bond(machine: HostMachine, bond: Row) -> None:
    """Everything found on a member moves up; management does so without its address."""
    master, members = bond.to("master", "PIF"), bond.all("slaves", "PIF")
    if members and not bond.database.has("PIF", bond.text("primary_slave")):
        bond.set(primary_slave=_primary(master, members).ref)
    vifs = local_vifs(host_row(machine), [pif.to("network", "network") for pif in members])
    for vlan in moves.vlans_on(members):
        moves.move_vlan(machine, vlan, master)
    for tunnel in moves.tunnels_on(members):
        moves.move_tunnel(machine, tunnel, master)
    moves.move_vifs(machine, vifs, master.to("network", "network"))
    if any(pif.flag("management") for pif in members):
        move_management(machine, master)


def _primary(master: Row, members: list[Row]) -> Row:
    """The member whose MAC the bond has, or the first."""
    return next((pif for pif in members if pif.text("MAC") == master.text("MAC")), members[0])
