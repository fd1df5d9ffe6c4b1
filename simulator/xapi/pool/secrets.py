"""What hosts of a pool trust each other by: TLS verification, https alone, its secret (xapi_pool.ml, xapi_psr.ml)."""

import secrets

from simulator.world.host import HostMachine
from simulator.xapi.errors import XapiError
from simulator.xapi.forwarding import forwarded, is_live
from simulator.xapi.machines import host_row, machine_of_call, pool_row
from simulator.xapi.pool.operations import pool_operation
from simulator.xapi.pool.state import is_upgrading, refuse_under_ha
from simulator.xapi.registry import Call, message
from simulator.xapi.rows import Row, rows


@message("host", "set_https_only")
def host_set_https_only(call: Call, host: str, value: bool) -> None:  # noqa: FBT001 - the wire's own order
    forwarded(call, host, lambda machine: host_row(machine).set(https_only=value))


@message("pool", "set_https_only")
def pool_set_https_only(call: Call, pool: str, value: bool) -> None:  # noqa: FBT001 - the wire's own order
    """On every host, in turn: one that is off stops it half-way."""
    for host in rows(Row(call.host.database, "pool", pool).database, "host"):
        forwarded(call, host.ref, lambda machine: host_row(machine).set(https_only=value))


@message("pool", "enable_tls_verification")
def pool_enable_tls_verification(call: Call) -> None:
    """There is no way back."""
    master = machine_of_call(call)
    pool = pool_row(master)
    refuse_under_ha(pool.database)
    with pool_operation(master, "tls_verification_enable", call):
        for host in list(rows(pool.database, "host")):
            forwarded(call, host.ref, lambda machine: host_row(machine).set(tls_verification_enabled=True))
        pool.set(tls_verification_enabled=True)


@message("pool", "rotate_secret")
def pool_rotate_secret(call: Call) -> None:
    """What is refused leaves no trace; what stops half-way stays pending until it is repeated (xapi_psr.ml: start)."""
    master = machine_of_call(call)
    pool, hosts = pool_row(master), list(rows(master.database, "host"))
    _refuse_rotation(pool, hosts)
    pool.set(is_psr_pending=True)
    made = secrets.token_hex(32)
    for host in sorted(hosts, key=lambda host: host.ref != pool.text("master")):
        _tell(call, host, made)
    pool.set(is_psr_pending=False)


def _refuse_rotation(pool: Row, hosts: list[Row]) -> None:
    """In the order of xapi_psr.ml; a host that the pool does not hear is not asked."""
    if pool.mapping("restrictions").get("restrict_pool_secret_rotation") == "true":
        raise XapiError("LICENCE_RESTRICTION", "Pool_secret_rotation")
    if silent := min((host.ref for host in hosts if not is_live(host)), default=""):
        raise XapiError("CANNOT_CONTACT_HOST", silent)
    refuse_under_ha(pool.database)
    if is_upgrading(pool.database):
        raise XapiError("NOT_SUPPORTED_DURING_UPGRADE")
    if running := sorted(pool.mapping("current_operations").values()):
        raise XapiError("INTERNAL_ERROR", f"pool operations in progress: [ {'; '.join(running)} ]")


def _tell(call: Call, host: Row, secret: str) -> None:
    try:
        forwarded(call, host.ref, lambda machine: _take_secret(machine, secret))
    except XapiError:
        what = f"Operation to tell {host.text('name_label')} to begin accepting new pool secret failed."
        again = "Please check the management network and try again."
        raise XapiError("INTERNAL_ERROR", f"{what} {again}") from None


def _take_secret(machine: HostMachine, secret: str) -> None:
    machine.disk.pool_secret = secret
