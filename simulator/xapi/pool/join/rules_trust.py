"""Join rules on certificates and storage managers (rows 28-30, 33)."""

from simulator.xapi.pool.join.view import Joining, PoolView, refuse
from simulator.xapi.rows import Row


def tls_verification_matches(joining: Joining) -> None:
    """Row 28."""
    mine, theirs = (side.pool.flag("tls_verification_enabled") for side in (joining.joiner, joining.pool))
    if mine != theirs:
        refuse("POOL_JOINING_HOST_TLS_VERIFICATION_MISMATCH")


def named_certificates_agree(joining: Joining) -> None:
    """Row 29: one name, one fingerprint."""
    mine = {c.text("name"): _fingerprint(c) for c in _trusted(joining.joiner, named=True)}
    clashes = [
        cert.text("name")
        for cert in _trusted(joining.pool, named=True)
        if mine.get(cert.text("name"), _fingerprint(cert)) != _fingerprint(cert)
    ]
    if clashes:
        refuse("POOL_JOINING_HOST_CA_CERTIFICATES_CONFLICT", *sorted(clashes))


def nameless_certificates_agree(joining: Joining) -> None:
    """Row 30: equal fingerprints whose sets of purposes differ but overlap; references of two databases."""
    for theirs in _trusted(joining.pool, named=False):
        for mine in _trusted(joining.joiner, named=False):
            if _fingerprint(mine) == _fingerprint(theirs) and _overlap(mine, theirs):
                refuse("POOL_JOINING_HOST_TRUSTED_CERTIFICATES_CONFLICT", theirs.ref, mine.ref)


def storage_managers_are_compatible(joining: Joining) -> None:
    """Row 33: for each driver of the pool exactly one of the joiner, with every feature reached."""
    for theirs in joining.pool.all("SM"):
        mine = [sm for sm in joining.joiner.all("SM") if sm.text("type") == theirs.text("type")]
        if len(mine) != 1:
            refuse("POOL_JOINING_SM_FEATURES_INCOMPATIBLE", theirs.ref, "")
        if not _reaches(mine[0], theirs):
            refuse("POOL_JOINING_SM_FEATURES_INCOMPATIBLE", theirs.ref, mine[0].ref)


def _trusted(side: PoolView, *, named: bool) -> list[Row]:
    kinds = {"ca"} if named else {"ca", "pinned"}
    return [c for c in side.all("Certificate") if c.text("type") in kinds and bool(c.text("name")) == named]


def _fingerprint(certificate: Row) -> str:
    return certificate.text("fingerprint_sha256") or certificate.text("fingerprint")


def _overlap(left: Row, right: Row) -> bool:
    mine, theirs = set(left.items("purpose")), set(right.items("purpose"))
    return mine != theirs and bool(mine & theirs)


def _reaches(mine: Row, theirs: Row) -> bool:
    have = mine.mapping("features")
    return all(int(have.get(name, -1)) >= int(version) for name, version in theirs.mapping("features").items())
