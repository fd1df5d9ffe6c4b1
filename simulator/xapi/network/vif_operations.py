"""What may be done with a VM's interface now (xapi_vif_helpers.ml: valid_operations)."""

from simulator.xapi.errors import XapiError
from simulator.xapi.operations import Verdicts, allowed
from simulator.xapi.rows import Row

LISTED = ("attach", "plug", "unplug")


@allowed("VIF")
def vif_operations(vif: Row) -> Verdicts:
    """Plugging needs a running VM, whichever way."""
    verdicts: Verdicts = dict.fromkeys(LISTED)
    vm, attached = vif.to("VM", "VM"), vif.flag("currently_attached")
    state = vm.text("power_state") if vif.database.has("VM", vm.ref) else "Halted"
    if state != "Running":
        wrong = XapiError("VM_BAD_POWER_STATE", vm.ref, "running", state.lower())
        return {"attach": None, "plug": wrong, "unplug": wrong}
    if attached:
        verdicts["plug"] = XapiError("DEVICE_ALREADY_ATTACHED", vif.ref)
    else:
        verdicts["unplug"] = XapiError("DEVICE_ALREADY_DETACHED", vif.ref)
    return verdicts
