"""Rules of our own: what XAPI lets through and people regret."""

import ipaddress
from collections.abc import Iterator

from pools.checks.facts import Facts, ServerFacts
from pools.checks.finding import Finding, Severity, listed
from pools.checks.registry import Side, check, refusal, unknown, warning

NOTICEABLE_SKEW = 3  # seconds: more than reading a clock over a slow network can pretend
HARMFUL_SKEW = 300  # seconds: Kerberos' tolerance; fresh certificates are "not yet valid" on a clock that is behind


@check(title="Belongs to no other pool", side=Side.EACH, of_members=True)
def belongs_to_no_other_pool(facts: Facts, server: ServerFacts) -> Iterator[Finding]:
    """A member takes orders from its coordinator alone: it must leave that pool first."""
    if not server.is_member:
        return
    pool, coordinator = server.snapshot.pool.name_label, server.snapshot.master.name_label
    address = "".join(server.error_params[:1])
    yield refusal(
        "XENWEB_ALREADY_IN_POOL",
        server,
        pool or "a pool without a name",
        coordinator or address or "another server",
        theirs=f"member of {pool or 'a pool'} (coordinator {coordinator or address or 'unknown'})",
        ours="no other pool",
    )


@check(title="No other server has its name", side=Side.JOINER)
def name_is_unique(facts: Facts, server: ServerFacts) -> Iterator[Finding]:
    """XAPI allows two servers of one name; people then act on the wrong one."""
    others = [host.name_label for host in facts.pool.hosts.values()] if facts.coordinator.readable else []
    others += [each.host.name_label for each in facts.joining if each is not server]
    mine = server.host.name_label
    same = [name for name in others if name.strip().casefold() == mine.strip().casefold()]
    if same:
        yield warning("XENWEB_DUPLICATE_NAME", server, mine, str(len(same)), theirs=mine, ours=listed(same))


@check(title="Management address is private", side=Side.EACH, needs=("pif",))
def management_address_is_private(facts: Facts, server: ServerFacts) -> Iterator[Finding]:
    """Pool traffic and logins belong on a private network; loopback counts as one, for practice servers."""
    address = _address(server)
    try:
        is_private = not ipaddress.ip_address(address).is_global
    except ValueError:
        yield unknown(server, "its management address")
        return
    if not is_private:
        yield warning("XENWEB_PUBLIC_MANAGEMENT_ADDRESS", server, address, theirs=address, ours="a private address")


@check(title="Management address is fixed", side=Side.EACH, needs=("pif",))
def management_address_is_static(facts: Facts, server: ServerFacts) -> Iterator[Finding]:
    """Members find the coordinator by address: one that DHCP changes breaks the pool; XAPI does not look."""
    pif = server.management
    if pif is not None and pif.ip_configuration_mode == "DHCP":
        yield warning("XENWEB_DHCP_MANAGEMENT", server, pif.device, theirs=f"DHCP on {pif.device}", ours="static")


@check(title="Clock agrees with the coordinator's", side=Side.BOTH)
def clocks_agree(facts: Facts, server: ServerFacts) -> Iterator[Finding]:
    """XAPI does not compare clocks on joining; certificates, sign-in and HA suffer later (db_gc.ml only alerts)."""
    mine, pool = server.clock_skew, facts.coordinator.clock_skew
    if mine is None or pool is None:
        yield unknown(server if mine is None else facts.coordinator, "its clock")
        return
    apart = round(abs(mine - pool))
    if apart > NOTICEABLE_SKEW:
        way = "ahead" if mine > pool else "behind"
        yield Finding(
            code="XENWEB_CLOCK_SKEW",
            subject=server.uuid,
            severity=Severity.ERROR if apart > HARMFUL_SKEW else Severity.WARNING,
            params=(str(apart), way),
            theirs=f"{apart} s {way}",
            ours="the coordinator's clock",
        )


def _address(server: ServerFacts) -> str:
    """The address of the management interface, whichever family it uses."""
    pif = server.management
    if pif is not None and pif.primary_address_type == "IPv6" and pif.IPv6:
        return pif.IPv6[0].partition("/")[0]
    return (pif.IP if pif else "") or server.host.address or server.address
