"""Which server should coordinate: one that the others can join, and of those the newest, largest and steadiest."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pools.checks.facts import Facts, ServerFacts
from pools.checks.finding import Finding, Severity, listed
from pools.checks.registry import Rule, Side, answer, rules

GIB = 1024**3

Opinion = tuple[int, str]  # points, and why

# Points: what cannot be changed outweighs what can, and every refused server outweighs any liking.
MUST, BLOCKED, REFUSED, LIKED = 100_000, -5_000, -500, 10

# What a joining server may not have, but a coordinator may keep; the more it hurts to give up, the more points.
KEEPS: dict[str, Opinion] = {
    "JOINING_HOST_CANNOT_HAVE_RUNNING_VMS": (4_000, "It runs VMs; as coordinator it can keep them running."),
    "JOINING_HOST_CANNOT_CONTAIN_SHARED_SRS": (2_000, "It has shared storage; as coordinator it can keep it."),
    "POOL_JOINING_HOST_HAS_BONDS": (400, "It has bonds; as coordinator it can keep them."),
    "POOL_JOINING_HOST_HAS_TUNNELS": (400, "It has tunnels; as coordinator it can keep them."),
    "POOL_JOINING_HOST_HAS_NETWORK_SRIOVS": (400, "It has SR-IOV networks; as coordinator it can keep them."),
    "POOL_JOINING_HOST_HAS_NON_MANAGEMENT_VLANS": (200, "It has VLANs; as coordinator it can keep them."),
}


@dataclass(frozen=True, kw_only=True)
class Recommendation:
    """One server as coordinator: ``reasons`` speak for it, ``doubts`` against."""

    uuid: str
    score: int
    reasons: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()


def recommend_coordinator(servers: Sequence[ServerFacts]) -> list[Recommendation]:
    """Rank the servers as coordinator of a pool of them all, best first; equals by name."""
    ranked = sorted(servers, key=lambda server: server.name_label.casefold())
    advice = [_recommendation(server, [each for each in ranked if each is not server]) for server in ranked]
    return sorted(advice, key=lambda each: -each.score)


def _recommendation(server: ServerFacts, others: Sequence[ServerFacts]) -> Recommendation:
    opinions = list(_opinions(server, others))
    return Recommendation(
        uuid=server.uuid,
        score=sum(points for points, _ in opinions),
        reasons=tuple(text for points, text in opinions if points > 0),
        doubts=tuple(text for points, text in opinions if points < 0),
    )


def _opinions(server: ServerFacts, others: Sequence[ServerFacts]) -> Iterator[Opinion]:
    if server.is_member:
        yield -MUST, "It is a member of another pool and must leave that first."
    elif not server.readable or not server.host.ref:
        yield -MUST, "It could not be read, so nothing is known of it."
    else:
        candidates = [each for each in others if each.readable and not each.is_member and each.host.ref]
        yield from _bound(server, candidates)
        yield from _fit(server, candidates)
        yield from _qualities(server, [each for each in others if each.readable])
        yield from _address(server)


def _bound(server: ServerFacts, others: Sequence[ServerFacts]) -> Iterator[Opinion]:
    """What it has or does now that lets it only coordinate, or keeps it from it."""
    members = len(server.snapshot.hosts) - 1
    if members > 0:
        pool = server.snapshot.pool.name_label or "a pool"
        yield MUST, f"It already coordinates {pool} with {members} more: such a server cannot join another."
    for other in others[:1]:
        as_joiner = Facts(coordinator=other, joining=(server,))
        found = {finding.code for finding in _errors(Side.JOINER, as_joiner, server)}
        yield from (opinion for code, opinion in KEEPS.items() if code in found)
    as_coordinator = Facts(coordinator=server, joining=())
    for rule in _xapi_rules(Side.POOL):
        if any(f.severity is Severity.ERROR for f in answer(rule, as_coordinator, server).findings):
            yield BLOCKED, f"No server can join it as it is: “{rule.title}” does not hold."


def _fit(server: ServerFacts, others: Sequence[ServerFacts]) -> Iterator[Opinion]:
    """How many of the others it could have as members."""
    compared = _xapi_rules(Side.BOTH)
    refused = [other.name_label for other in others if _refuses(compared, server, other)]
    if refused:
        do = "does" if len(refused) == 1 else "do"
        yield REFUSED * len(refused), f"{len(refused)} of the others {do} not fit it: {listed(refused)}."
    elif others:
        yield LIKED, "All the others fit it: same software, processor vendor and settings."


def _refuses(compared: Sequence[Rule], server: ServerFacts, other: ServerFacts) -> bool:
    """Whether a comparison that can be made comes out against the pair."""
    pair = Facts(coordinator=server, joining=(other,))
    unread = server.snapshot.unread | other.snapshot.unread
    findings = (finding for rule in compared if not rule.needs & unread for finding in rule.ask(pair, other))
    return any(finding.severity is Severity.ERROR for finding in findings)


def _qualities(server: ServerFacts, others: Sequence[ServerFacts]) -> Iterator[Opinion]:
    """What it has more of than some other, and none has more."""
    versions = [_version(each) for each in others]
    if versions and _version(server) > min(versions) and _version(server) >= max(versions):
        yield LIKED, f"None has a newer version ({server.host.software_version.get('product_version', '')})."
    memories = [_memory(each) for each in others]
    if memories and _memory(server) > min(memories) and _memory(server) >= max(memories):
        yield LIKED, f"No other has more memory ({_memory(server) // GIB} GiB)."


def _address(server: ServerFacts) -> Iterator[Opinion]:
    """Members find their coordinator by its address."""
    pif = server.management
    if pif is None:
        yield -LIKED, "Its management interface is not known."
    elif pif.ip_configuration_mode == "DHCP":
        yield -LIKED, "Its management address comes from DHCP; members find their coordinator by that address."
    else:
        yield LIKED, f"Its management address is fixed ({pif.IP or server.address})."


def _errors(side: Side, facts: Facts, server: ServerFacts) -> Iterator[Finding]:
    for rule in _xapi_rules(side):
        yield from (f for f in answer(rule, facts, server).findings if f.severity is Severity.ERROR)


def _xapi_rules(side: Side) -> list[Rule]:
    return [rule for rule in rules() if rule.row and rule.side is side]


def _version(server: ServerFacts) -> list[int]:
    return [int(part) for part in re.findall(r"\d{1,9}", server.host.software_version.get("product_version", ""))]


def _memory(server: ServerFacts) -> int:
    metrics = server.snapshot.host_metrics.get(server.host.metrics)
    return metrics.memory_total if metrics else 0
