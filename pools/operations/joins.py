"""The part of a plan that brings servers into a pool: one lane a server, and what stands around the lanes."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TypedDict

from pools.checks.facts import Facts, ServerFacts
from pools.forecast import stored
from pools.forecast.join import JoinForecast
from pools.operations import facts as live
from pools.operations.after_join.addresses import GiveAddress
from pools.operations.after_join.comparison import CompareMember
from pools.operations.after_join.login import ProveLogin
from pools.operations.after_join.management import ClearOldAddress, MoveManagement
from pools.operations.after_join.storage import PlugStorage
from pools.operations.forcing import forced_params
from pools.operations.high_availability import DisableHA, EnableHA
from pools.operations.joining import AwaitMember, JoinPool
from pools.operations.kind import AddressChoice, Choices
from pools.operations.step import Step

STEPS = (
    DisableHA,
    JoinPool,
    AwaitMember,
    ProveLogin,
    PlugStorage,
    CompareMember,
    GiveAddress,
    MoveManagement,
    ClearOldAddress,
    EnableHA,
)

LOCAL_USER = "root"  # the only one whom a member knows by itself (xapi_session.ml, slave_local_login_with_password)


class MemberParams(TypedDict):
    """Who joins, and whom."""

    host_uuid: str
    host_name: str
    coordinator_uuid: str
    coordinator_name: str


class Through(MemberParams):
    """And through whom a call for the member is sent."""

    coordinator_address: str
    username: str


class HaParams(TypedDict):
    """How the pool's HA is now, so that it is again so afterwards."""

    coordinator_uuid: str
    coordinator_name: str
    coordinator_address: str
    username: str
    heartbeat_srs: Sequence[str]
    configuration: Mapping[str, str]
    failures: int


def joins(facts: Facts, choices: Choices) -> Iterator[Step]:
    """One server after the other (decision 9); HA is off around them, where that was chosen."""
    around = ha_params(facts, choices) if choices.ha and facts.pool.pool.ha_enabled else None
    if around:
        yield DisableHA(**around)
    for server in facts.joining:
        yield from lane(facts, server, choices)
    if around:
        yield EnableHA(**around)


def lane(facts: Facts, server: ServerFacts, choices: Choices) -> Iterator[Step]:
    """All that makes one server a member at work, as it was foretold."""
    coordinator, forecast = facts.coordinator, facts.forecast(server)
    member = member_params(coordinator, server)
    username = choices.usernames[coordinator.uuid]
    through = Through(**member, coordinator_address=address_of(coordinator), username=username)
    yield JoinPool(
        host_address=server.address,
        host_username=choices.usernames[server.uuid],
        old_pool_uuid=server.snapshot.pool.uuid,
        facts=live.own(server),
        **through,
        **forced_params(facts, server, choices),
    )
    yield AwaitMember(**member)
    if username == LOCAL_USER:
        yield ProveLogin(username=username, **member)
    if forecast.storage.plugged:
        yield PlugStorage(srs={sr.uuid: sr.name for sr in forecast.storage.plugged}, **through)
    yield CompareMember(forecast=stored.to_json(forecast), **member)
    yield from addresses(forecast, server, choices, through)


def addresses(forecast: JoinForecast, server: ServerFacts, choices: Choices, through: Through) -> Iterator[Step]:
    """Give each address; on the pool's management network, management follows it there."""
    told = forecast.management
    target = told.pool_network_uuid if told is not None and not told.is_the_pools else ""
    for given in choices.addresses:
        if given.server_uuid == server.uuid:
            yield give(given, through)
            if given.network_uuid == target and given.mode == "Static":
                yield from move(given, server, through)


def give(given: AddressChoice, through: Through) -> Step:
    """Give one address."""
    return GiveAddress(
        network_uuid=given.network_uuid,
        network_name=given.network_name,
        mode=given.mode,
        ip=given.ip,
        netmask=given.netmask,
        gateway=given.gateway,
        dns=given.dns,
        **through,
    )


def move(given: AddressChoice, server: ServerFacts, through: Through) -> Iterator[Step]:
    """Move management to the given address, and take the old one away."""
    yield MoveManagement(ip=given.ip, network_uuid=given.network_uuid, network_name=given.network_name, **through)
    old = server.management.IP if server.management else ""
    if old not in {"", given.ip}:
        yield ClearOldAddress(ip=old, **through)


def member_params(coordinator: ServerFacts, server: ServerFacts) -> MemberParams:
    return {
        "host_uuid": server.uuid,
        "host_name": server.name_label,
        "coordinator_uuid": coordinator.uuid,
        "coordinator_name": coordinator.name_label,
    }


def ha_params(facts: Facts, choices: Choices) -> HaParams:
    coordinator, pool = facts.coordinator, facts.pool.pool
    return {
        "coordinator_uuid": coordinator.uuid,
        "coordinator_name": coordinator.name_label,
        "coordinator_address": address_of(coordinator),
        "username": choices.usernames[coordinator.uuid],
        "heartbeat_srs": list(coordinator.heartbeat_srs),
        "configuration": dict(pool.ha_configuration),
        "failures": pool.ha_host_failures_to_tolerate,
    }


def address_of(coordinator: ServerFacts) -> str:
    """The address that the pool itself uses: members keep it as their coordinator's."""
    return coordinator.host.address or coordinator.address
