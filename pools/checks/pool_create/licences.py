"""Rules on licences and sizes (licence gate, rows 1 and 21, and the limits of a pool)."""

from collections.abc import Iterator

from pools.checks.facts import Facts, ServerFacts
from pools.checks.finding import Finding, Severity, listed
from pools.checks.registry import Side, check, refusal, warning
from pools.xapi.records import PoolRecord

RESTRICTED_POOL_SIZE = 3  # xapi_globs.ml: restricted_pool_size
TESTED_POOL_SIZE = 16
LARGEST_POOL_SIZE = 64
NO_LICENCE_DAEMON = "free/libre"  # license_init.ml: the edition of a host without a licence daemon


@check(title="Licensed for pools", xapi_row="0", side=Side.JOINER)
def pooling_is_licensed(facts: Facts, server: ServerFacts) -> Iterator[Finding]:
    """A server may join only when its licence has the pooling feature (assert_pooling_licensed)."""
    if _restricted(server.snapshot.pool, "restrict_pooling"):
        yield refusal("LICENCE_RESTRICTION", server, theirs=f"{server.host.edition or 'no'} edition", ours="pooling")


@check(title="Licensed for more than three servers", xapi_row="1", side=Side.BOTH)
def pool_size_unrestricted(facts: Facts, server: ServerFacts) -> Iterator[Finding]:
    """A joiner without the Pool_size feature may not make the pool larger than three (assert_pool_size_…)."""
    if _restricted(server.snapshot.pool, "restrict_pool_size") and _size_before(facts, server) >= RESTRICTED_POOL_SIZE:
        yield refusal(
            "LICENCE_RESTRICTION",
            server,
            "Pool_size",
            theirs=f"{server.host.edition or 'no'} edition: 3 servers at most",
            ours=f"{_size_before(facts, server)} servers in the pool by then",
        )


@check(title="Same licence edition", xapi_row="21", side=Side.BOTH)
def editions_match(facts: Facts, server: ServerFacts) -> Iterator[Finding]:
    """Editions are equal, or rank as the lowest of the pool; only XAPI knows ranks (assert_restrictions_match)."""
    mine, pool = server.host.edition, [host.edition for host in facts.pool.hosts.values()]
    if set(pool) == {mine}:
        return
    if mine == NO_LICENCE_DAEMON:
        text = f"The pool uses v6d. Pool edition list = [{'; '.join(pool)}]"
        yield refusal("V6D_FAILURE", server, text, theirs=mine, ours=listed(sorted(set(pool))))
        return
    params = (f'host edition = "{mine}"', f'pool edition = "{pool[0]}"')
    yield Finding(
        code="LICENSE_HOST_POOL_MISMATCH",
        subject=server.uuid,
        severity=Severity.ERROR if len(set(pool)) == 1 else Severity.UNKNOWN,
        params=params,
        theirs=mine,
        ours=listed(sorted(set(pool))),
    )


@check(title="The pool's licence has room for it", side=Side.BOTH)
def pool_licence_has_room(facts: Facts, server: ServerFacts) -> Iterator[Finding]:
    """A pool without Pool_size drops a fourth server silently: the join says success (xapi_host.ml, create)."""
    size = _size_before(facts, server)
    if _restricted(facts.pool.pool, "restrict_pool_size") and size >= RESTRICTED_POOL_SIZE:
        edition = facts.pool.master.edition or "no"
        yield refusal("XENWEB_POOL_SIZE_RESTRICTED", server, str(size), theirs=f"server no. {size + 1}", ours=edition)


@check(title="At most 16 servers", side=Side.POOL)
def pool_is_of_a_tested_size(facts: Facts, server: ServerFacts) -> Iterator[Finding]:
    """Vendors' documents name 16 in older, 64 in newer releases; XAPI has no limit of its own."""
    size = len(facts.pool.hosts) + len(facts.joining)
    if TESTED_POOL_SIZE < size <= LARGEST_POOL_SIZE:
        yield warning("XENWEB_MORE_THAN_16", server, str(size), theirs=f"{size} servers", ours="16 servers")


@check(title="At most 64 servers", side=Side.POOL)
def pool_is_not_too_large(facts: Facts, server: ServerFacts) -> Iterator[Finding]:
    """64 is the largest pool that any vendor's document supports."""
    size = len(facts.pool.hosts) + len(facts.joining)
    if size > LARGEST_POOL_SIZE:
        yield refusal("XENWEB_MORE_THAN_64", server, str(size), theirs=f"{size} servers", ours="64 servers")


def _restricted(pool: PoolRecord, flag: str) -> bool:
    """A flag that is missing counts as restricted (features.ml)."""
    return pool.restrictions.get(flag, "true") == "true"


def _size_before(facts: Facts, server: ServerFacts) -> int:
    return len(facts.pool.hosts) + len(facts.joined_before(server))
