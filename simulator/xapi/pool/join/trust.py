"""What joiner and pool tell each other before anything is copied; nothing of it is taken back (cert_distrib.ml)."""

from collections.abc import Callable

from simulator.world.faults import latent
from simulator.world.host import HostMachine
from simulator.xapi.errors import XapiError
from simulator.xapi.pool.join.contact import Target, ask, log_in
from simulator.xapi.pool.operations import pool_operation
from simulator.xapi.rows import add, first, rows
from simulator.xapi.versions import numbers

MASTER_CERTIFICATE_LOST = latent(
    "join_master_certificate_lost", "the pool's certificates come without the master's: the join is aborted"
)
BUNDLE_EMPTY = latent("join_bundle_empty", "the joiner cannot keep the pool's certificates: the join is aborted")
VERIFICATION_FAILS = latent("join_verification_fails", "the joiner's second login does not trust the master")
BUNDLE = "/etc/stunnel/xapi-pool-ca-bundle.pem"
BUNDLE_IS_CHECKED_SINCE = (26, 16)
SHARE = 0.1  # of the time of a join
AUTHORITIES = {"ca", "pinned"}
CA_FIELDS = (
    "name",
    "type",
    "purpose",
    "not_before",
    "not_after",
    "fingerprint",
    "fingerprint_sha256",
    "fingerprint_sha1",
)


def exchange(machine: HostMachine, master: HostMachine, target: Target) -> None:
    """Pool secret, pool certificates, a second login that verifies, then CA certificates and revocations."""
    ask(machine, master, "pool.initial_auth", lambda: None)
    _operation(machine, master, "exchange_certificates_on_join", lambda: _give_certificates(machine, master))
    _import_bundle(machine, master)
    ask(machine, master, "session.logout", lambda: None)
    if machine.world.faults.happens(VERIFICATION_FAILS, machine.name):
        raise XapiError("INTERNAL_ERROR", "Stunnel.Stunnel_verify_error")
    log_in(machine, target)
    _operation(machine, master, "exchange_ca_certificates_on_join", lambda: _share_authorities(machine, master))
    _operation(machine, master, "exchange_crls_on_join", lambda: None)


def _operation(machine: HostMachine, master: HostMachine, name: str, work: Callable[[], None]) -> None:
    """An operation on the pool: it waits for others there, and one joiner at a time."""

    def run() -> None:
        with pool_operation(master, name):
            machine.life.pause(machine.world.timing.join * SHARE)
            work()

    ask(machine, master, f"pool.{name}", run, machine.uuid)


def _give_certificates(machine: HostMachine, master: HostMachine) -> None:
    """The master keeps the joiner's and passes it on to its members; the joiner gets those of all."""
    own = {pem(machine): machine.certificate.fingerprint()}
    theirs = {pem(master): master.certificate.fingerprint()} | master.disk.certificates
    if machine.world.faults.happens(MASTER_CERTIFICATE_LOST, machine.name):
        del theirs[pem(master)]
    for member in of_pool(master):
        member.disk.certificates = member.disk.certificates | own
    machine.disk.certificates = machine.disk.certificates | theirs


def of_pool(master: HostMachine) -> list[HostMachine]:
    return [each for each in master.world.installed if each.database is master.database]


def pem(machine: HostMachine) -> str:
    return f"{machine.uuid}.pem"


def _import_bundle(machine: HostMachine, master: HostMachine) -> None:
    """Looked at since 26.16."""
    if numbers(machine.software.get("xapi_build", "0")) < BUNDLE_IS_CHECKED_SINCE:
        return
    if pem(master) not in machine.disk.certificates:
        raise XapiError("POOL_JOINING_MASTER_CERTIFICATE_NOT_IN_POOL_BUNDLE", master.uuid)
    if machine.world.faults.happens(BUNDLE_EMPTY, machine.name):
        raise XapiError("POOL_JOINING_POOL_BUNDLE_EMPTY_AFTER_IMPORT", BUNDLE)


def _share_authorities(machine: HostMachine, master: HostMachine) -> None:
    """Both sides get those of both: named ones by name, the others by fingerprint, as the checks have compared them."""
    for source, target in ((machine, master), (master, machine)):
        for row in rows(source.database, "Certificate"):
            key = ("name",) if row.text("name") else ("fingerprint_sha256", "purpose")
            shared = row.text("type") in AUTHORITIES
            if shared and first(target.database, "Certificate", **row.fields("type", *key)) is None:
                add(target.database, "Certificate", **row.fields(*CA_FIELDS))
