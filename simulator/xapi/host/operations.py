"""What may be done with a host now (xapi_host_helpers.ml: valid_operations; pool.md 5.5)."""

from simulator.xapi.forwarding import is_live
from simulator.xapi.operations import Verdicts, allowed, refuse
from simulator.xapi.pool.state import is_upgrading
from simulator.xapi.rows import Row

OPERATIONS = (
    "provision", "evacuate", "reboot", "shutdown", "vm_start", "vm_resume", "vm_migrate", "power_on",
    "apply_updates", "enable",
)  # fmt: skip
BRINGING = ("provision", "vm_resume", "vm_migrate")
REMOVING = ("evacuate", "reboot", "shutdown")
GOING_DOWN = ("reboot", "shutdown", "apply_updates")
DURING_UPGRADE = ("evacuate", "provision")


@allowed("host")
def host_operations(host: Row) -> Verdicts:
    verdicts: Verdicts = dict.fromkeys(OPERATIONS)
    for key, name in host.mapping("current_operations").items():
        refuse(verdicts, _excluded(name), "OTHER_OPERATION_IN_PROGRESS", "host", host.ref, name, key)
    if host.flag("enabled"):
        refuse(verdicts, GOING_DOWN, "HOST_NOT_DISABLED")
    if is_live(host):
        refuse(verdicts, ("power_on",), "HOST_IS_LIVE", host.ref)
    if host.text("power_on_mode") == "":
        refuse(verdicts, ("power_on",), "HOST_POWER_ON_MODE_DISABLED")
    return _during_upgrade(host, verdicts)


def _excluded(running: str) -> tuple[str, ...]:
    """What may not begin while this runs."""
    found: tuple[str, ...] = ()
    if running in BRINGING:
        found += REMOVING
    if running in REMOVING:
        found += BRINGING
    if running in GOING_DOWN:
        found += tuple(name for name in GOING_DOWN if name != running)
    if running == "apply_updates":
        found += ("enable",)
    return (*found, "provision") if running == "provision" else found


def _during_upgrade(host: Row, verdicts: Verdicts) -> Verdicts:
    """Only what the oldest clients know is shown; the calls themselves still work."""
    if not is_upgrading(host.database):
        return verdicts
    return {name: error for name, error in verdicts.items() if name in DURING_UPGRADE}
