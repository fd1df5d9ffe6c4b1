"""What a starting toolstack does about storage: plug what it has, and say what would not (create_storage.ml)."""

from simulator.world.host import HostMachine
from simulator.xapi.errors import XapiError
from simulator.xapi.events.messages import tell
from simulator.xapi.machines import host_row
from simulator.xapi.operations_refresh import refresh_new
from simulator.xapi.rows import Row, first
from simulator.xapi.storage.repositories import plug
from simulator.xapi.storage.rows import share_storage

ALERT, PRIORITY = "PBD_PLUG_FAILED_ON_SERVER_START", 3


def initialise_storage(machine: HostMachine) -> None:
    """A storage that does not answer is left unplugged, with an alert; a boot begins with nothing plugged."""
    host = host_row(machine)
    pool = first(machine.database, "pool")
    if pool:
        share_storage(host, pool.to("master", "host"))
    pbds = host.all("PBDs", "PBD")
    if machine.life.boot:
        for pbd in pbds:
            pbd.set(currently_attached=False)
    refresh_new(machine.database)
    failed = [pbd for pbd in pbds if not _plugged(machine, pbd)]
    if failed:
        tell(machine, ALERT, PRIORITY)


def _plugged(machine: HostMachine, pbd: Row) -> bool:
    try:
        plug(machine, pbd)
    except XapiError:
        return False
    return True
