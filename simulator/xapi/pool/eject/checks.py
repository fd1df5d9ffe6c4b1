"""What the ejected server itself asks before anything is lost, in order (xapi_pool.ml: eject_self)."""

from collections.abc import Callable

from simulator.xapi.errors import XapiError
from simulator.xapi.pool.state import ha_is_on, pool_of
from simulator.xapi.rows import Row, rows

UPDATING = "apply_updates"


def run(host: Row) -> None:
    for check in ORDERED:
        error = check(host)
        if error:
            raise error


def is_no_master(host: Row) -> XapiError | None:
    """An exception of OCaml's, not a code of the catalogue."""
    master = pool_of(host.database).text("master") == host.ref
    return XapiError("INTERNAL_ERROR", "Xapi_pool.Cannot_eject_master") if master else None


def has_no_ha(host: Row) -> XapiError | None:
    return XapiError("HA_IS_ENABLED") if ha_is_on(host.database) else None


def is_not_updating(host: Row) -> XapiError | None:
    updating = UPDATING in pool_of(host.database).mapping("current_operations").values()
    return XapiError("NOT_SUPPORTED_DURING_UPGRADE") if updating else None


def runs_no_vm(host: Row) -> XapiError | None:
    """A suspended VM is resident nowhere, and does not count."""
    resident = rows(host.database, "VM", resident_on=host.ref, is_control_domain=False)
    alive = any(vm.text("power_state") != "Halted" for vm in resident)
    return XapiError("OPERATION_NOT_ALLOWED", "VM resident on host") if alive else None


ORDERED: tuple[Callable[[Row], XapiError | None], ...] = (is_no_master, has_no_ha, is_not_updating, runs_no_vm)
