"""What a joiner hears before the checks and around them: licence, contact, login, and the variants of some checks."""

from collections.abc import Callable

from simulator.running import Simulation
from simulator.scenes.rules import spoil
from simulator.world.faults import Fault
from simulator.world.host import HostMachine
from simulator.xapi.errors import XapiError
from simulator.xapi.machines import host_row, pool_row
from simulator.xapi.rows import add
from tests.simulator.conformance.runner import Asked, Row

Change = Callable[[HostMachine, HostMachine], list[str]]
REFUSED = ["INTERNAL_ERROR", "Connection failed: connection refused."]


def _row(name: str, source: str, change: Change, *, password: str = "", calm: bool = False) -> Row:
    def arrange(sim: Simulation) -> Asked:
        joiner, master = sim.hosts
        args = (master.address, master.username, password or master.password)
        return Asked(host=joiner, args=args, error=change(joiner, master))

    return Row(id=f"join-{name}", source=f"pool.md {source}", method="pool.join", arrange=arrange, calm=calm)


def _fault(kind: str, method: str, *error: str) -> Change:
    def change(_joiner: HostMachine, master: HostMachine) -> list[str]:
        master.world.faults.add(Fault(kind=kind, host=master.name, method=method))
        return list(error)

    return change


def _latent(kind: str) -> Change:
    def change(joiner: HostMachine, _master: HostMachine) -> list[str]:
        joiner.world.faults.add(Fault(kind=kind, host=joiner.name))
        return []

    return change


def _unlicensed(joiner: HostMachine, master: HostMachine) -> list[str]:
    _off(joiner, master)
    pool_row(joiner).put("restrictions", "restrict_pooling", "true")
    return ["LICENCE_RESTRICTION"]


def _off(_joiner: HostMachine, master: HostMachine) -> list[str]:
    master.world.power_off(master)
    return REFUSED


def _old_and_off(joiner: HostMachine, master: HostMachine) -> list[str]:
    _off(joiner, master)
    joiner.software["xapi_build"] = "25.14.0"
    return ["JOINING_HOST_CONNECTION_FAILED"]


def _wrong(_joiner: HostMachine, master: HostMachine) -> list[str]:
    return ["SESSION_AUTHENTICATION_FAILED", master.username, "Authentication failure"]


def _member(_joiner: HostMachine, master: HostMachine) -> list[str]:
    master.role = "slave:10.0.0.1"
    return ["HOST_IS_SLAVE", "10.0.0.1"]


def _starting(_joiner: HostMachine, master: HostMachine) -> list[str]:
    master.emergency_error = XapiError("HOST_UNKNOWN_TO_MASTER", master.uuid)
    return ["HOST_UNKNOWN_TO_MASTER", master.uuid]


def _part_already(joiner: HostMachine, master: HostMachine) -> list[str]:
    spoil("other-hosts", joiner, master)
    spoil("same-uuid", joiner, master)
    return ["OPERATION_NOT_ALLOWED", "Host is already part of a pool"]


def _without_vendor(joiner: HostMachine, _master: HostMachine) -> list[str]:
    host_row(joiner).drop("cpu_info", "vendor")
    return ["INTERNAL_ERROR", "Not_found"]


def _no_daemon(joiner: HostMachine, master: HostMachine) -> list[str]:
    joiner.edition_ranks = None
    host_row(master).set(edition="premium")
    return ["V6D_FAILURE", "The pool uses v6d. Pool edition list = [premium]"]


def _unknown_edition(joiner: HostMachine, master: HostMachine) -> list[str]:
    joiner.edition_ranks = {"xcp-ng": 0}
    host_row(master).set(edition="gold")
    return ["LICENSE_HOST_POOL_MISMATCH", 'Edition "gold" from pool is not known to v6d.']


def _no_schema(joiner: HostMachine, master: HostMachine) -> list[str]:
    for machine in (joiner, master):
        host_row(machine).drop("software_version", "db_schema")
    return ["POOL_JOINING_HOST_MUST_HAVE_SAME_DB_SCHEMA", "", ""]


def _rotating(_joiner: HostMachine, master: HostMachine) -> list[str]:
    pool_row(master).set(is_psr_pending=True)
    return ["POOL_SECRET_ROTATION_PENDING"]


def _bundle(joiner: HostMachine, master: HostMachine) -> list[str]:
    _latent("join_master_certificate_lost")(joiner, master)
    return ["POOL_JOINING_MASTER_CERTIFICATE_NOT_IN_POOL_BUNDLE", master.uuid]


def _empty(joiner: HostMachine, master: HostMachine) -> list[str]:
    _latent("join_bundle_empty")(joiner, master)
    return ["POOL_JOINING_POOL_BUNDLE_EMPTY_AFTER_IMPORT", "/etc/stunnel/xapi-pool-ca-bundle.pem"]


def _untrusted(joiner: HostMachine, master: HostMachine) -> list[str]:
    _latent("join_verification_fails")(joiner, master)
    return ["INTERNAL_ERROR", "Stunnel.Stunnel_verify_error"]


def _several(joiner: HostMachine, master: HostMachine) -> list[str]:
    """More than one driver of one type is as bad as none."""
    add(joiner.database, "SM", type="nfs", features={})
    sm = next(ref for ref, row in master.database.records("SM").items() if row["type"] == "nfs")
    return ["POOL_JOINING_SM_FEATURES_INCOMPATIBLE", sm, ""]


LOGIN = "session.login_with_password"
CRLS = "pool.exchange_crls_on_join"
ROWS = (
    _row("unlicensed", "1.1, stage A", _unlicensed),
    _row("refused", "1.1", _off),
    _row("refused-before-25.15", "1.1", _old_and_off),
    _row("reset", "1.1", _fault("reset", LOGIN, "JOINING_HOST_CONNECTION_FAILED"), calm=True),
    _row("http-error", "1.1", _fault("http_500", LOGIN, "JOINING_HOST_SERVICE_FAILED"), calm=True),
    _row("wrong-password", "1.1", _wrong, password="wrong", calm=True),
    _row("member", "1.1", _member),
    _row("emergency", "1.1", _starting),
    _row("7-part-already", "1.2, 7", _part_already),
    _row("13b-no-vendor", "1.2, 13b", _without_vendor, calm=True),
    _row("21-no-daemon", "1.2, 21", _no_daemon),
    _row("21-unknown", "1.2, 21", _unknown_edition),
    _row("24-none", "1.2, 24", _no_schema, calm=True),
    _row("33-several", "1.2, 33", _several, calm=True),
    _row("rotating", "2.1, 3", _rotating, calm=True),
    _row("bundle", "2.1, 4", _bundle, calm=True),
    _row("bundle-empty", "2.1, 4", _empty, calm=True),
    _row("unverified", "2.1, 5", _untrusted, calm=True),
    _row("service", "2.1, 5", _fault("http_500", CRLS, "JOINING_HOST_SERVICE_FAILED"), calm=True),
)
