"""Rules on certificates and storage managers (rows 28-30, 33)."""

from collections.abc import Iterator

from pools.checks.facts import Facts, ServerFacts
from pools.checks.finding import Finding, listed
from pools.checks.registry import Side, check, refusal
from pools.xapi.inventory import Snapshot
from pools.xapi.records import CertificateRecord, SMRecord


@check(title="Same setting for checking certificates", xapi_row="28", side=Side.BOTH)
def tls_verification_matches(facts: Facts, server: ServerFacts) -> Iterator[Finding]:
    """TLS verification is on, or off, on both sides (assert_tls_verification_matches)."""
    mine, pool = (s.pool.tls_verification_enabled for s in (server.snapshot, facts.pool))
    if mine != pool:
        yield refusal("POOL_JOINING_HOST_TLS_VERIFICATION_MISMATCH", server, theirs=_on(mine), ours=_on(pool))


@check(title="Named CA certificates agree", xapi_row="29", side=Side.BOTH, needs=("certificate",))
def named_certificates_agree(facts: Facts, server: ServerFacts) -> Iterator[Finding]:
    """One name, one fingerprint; earlier joiners' count too (assert_legacy_ca_certificates_compatible)."""
    pool = {cert.name: _fingerprint(cert) for side in _sides(facts, server) for cert in _trusted(side, named=True)}
    mine = {cert.name: _fingerprint(cert) for cert in _trusted(server.snapshot, named=True)}
    clashes = sorted(name for name in mine if name in pool and pool[name] != mine[name])
    if clashes:
        yield refusal(
            "POOL_JOINING_HOST_CA_CERTIFICATES_CONFLICT",
            server,
            *clashes,
            theirs=listed([f"{name}: {mine[name]}" for name in clashes]),
            ours=listed([f"{name}: {pool[name]}" for name in clashes]),
        )


@check(title="Trusted certificates agree", xapi_row="30", side=Side.BOTH, needs=("certificate",))
def nameless_certificates_agree(facts: Facts, server: ServerFacts) -> Iterator[Finding]:
    """Purposes of the same certificate may not differ and overlap (assert_trusted_certificates_compatible)."""
    for ours in (cert for side in _sides(facts, server) for cert in _trusted(side, named=False)):
        for mine in _trusted(server.snapshot, named=False):
            if _fingerprint(mine) == _fingerprint(ours) and _overlap(mine, ours):
                yield refusal(
                    "POOL_JOINING_HOST_TRUSTED_CERTIFICATES_CONFLICT",
                    server,
                    ours.ref,
                    mine.ref,
                    theirs=f"{_fingerprint(mine)} for {listed(sorted(mine.purpose))}",
                    ours=f"{_fingerprint(ours)} for {listed(sorted(ours.purpose))}",
                )
                return


@check(title="Storage drivers reach the pool's", xapi_row="33", side=Side.BOTH, needs=("sm",))
def storage_managers_are_compatible(facts: Facts, server: ServerFacts) -> Iterator[Finding]:
    """For each driver of the pool the joiner has exactly one with every feature (assert_sm_features_compatible)."""
    for ours in facts.pool.sms.values():
        same = [sm for sm in server.snapshot.sms.values() if sm.type == ours.type]
        mine = same[0] if len(same) == 1 else None
        if mine is None or _missing(mine, ours):
            yield refusal(
                "POOL_JOINING_SM_FEATURES_INCOMPATIBLE",
                server,
                ours.ref,
                mine.ref if mine else "",
                theirs=_driver_words(ours.type, mine, len(same)),
                ours=f"{ours.type}: {_feature_words(ours, _missing(mine, ours) if mine else [])}",
            )
            return


def _sides(facts: Facts, server: ServerFacts) -> list[Snapshot]:
    """The pool, and the servers before this one: certificates are exchanged on every join (cert_distrib.ml)."""
    return [facts.pool, *(each.snapshot for each in facts.joined_before(server))]


def _trusted(side: Snapshot, *, named: bool) -> list[CertificateRecord]:
    kinds = {"ca"} if named else {"ca", "pinned"}
    return [cert for cert in side.certificates.values() if cert.type in kinds and bool(cert.name) == named]


def _fingerprint(cert: CertificateRecord) -> str:
    return cert.fingerprint_sha256 or cert.fingerprint


def _overlap(left: CertificateRecord, right: CertificateRecord) -> bool:
    mine, theirs = set(left.purpose), set(right.purpose)
    return mine != theirs and bool(mine & theirs)


def _missing(mine: SMRecord, ours: SMRecord) -> list[str]:
    return sorted(name for name, version in ours.features.items() if mine.features.get(name, -1) < version)


def _feature_words(driver: SMRecord, names: list[str]) -> str:
    return listed([f"{name} {driver.features.get(name, 'missing')}" for name in names]) or "one driver"


def _driver_words(kind: str, mine: SMRecord | None, count: int) -> str:
    if mine is None:
        return f"{kind}: {count or 'no'} driver{'s' if count > 1 else ''}"
    return f"{kind}: lacks features or has older ones"


def _on(flag: bool) -> str:  # noqa: FBT001 - a word for a flag
    return "on" if flag else "off"
