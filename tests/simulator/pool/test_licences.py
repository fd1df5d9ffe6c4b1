"""Editions and what they allow a pool (pool.md 7), and what its hosts trust each other by."""

from collections.abc import Iterator

import pytest

from simulator.running import Simulation, running
from simulator.world.software import EDITION_RANKS
from simulator.xapi.rows import Row, rows
from tests.simulator.pool.running_pool import all_on, local, pool_of, settled_again
from tests.simulator.rpc import Rpc, XapiFailure
from tests.simulator.waiting import until


@pytest.fixture
def pool() -> Iterator[Simulation]:
    """Three hosts, all on, each with a licence daemon."""
    with running("dead-member") as found:
        all_on(found)
        for host in found.hosts:
            host.edition_ranks = EDITION_RANKS
        yield found


def editions(pool: Simulation) -> list[str]:
    return [host.text("edition") for host in rows(pool.hosts[0].database, "host")]


def refused(pool: Simulation, method: str, *arguments: object) -> list[str]:
    with pytest.raises(XapiFailure) as failure:
        Rpc(pool.hosts[0]).call(method, *arguments)
    return failure.value.description


def test_one_host_without_a_feature_takes_it_from_the_pool(pool: Simulation) -> None:
    master, member, _other = pool.hosts
    rpc = Rpc(master)
    assert pool_of(master).mapping("restrictions")["restrict_pool_size"] == "false"
    rpc.call("host.apply_edition", member.ref, "free", False)
    restrictions = pool_of(master).mapping("restrictions")
    assert (restrictions["restrict_pool_size"], restrictions["enable_xha"]) == ("true", "false")
    assert rpc.call("pool.get_license_state", pool_of(master).ref) == {"edition": "free", "expiry": "never"}
    rpc.call("host.apply_edition", member.ref, "enterprise", False)
    assert pool_of(master).mapping("restrictions")["restrict_pool_size"] == "false"


def test_a_flag_that_a_host_lacks_counts_as_restricted(pool: Simulation) -> None:
    """But for the few that count as available when nothing is known."""
    master, member, _other = pool.hosts
    row = Row(master.database, "host", member.ref)
    row.set(license_params={"restrict_vlan": "false"})
    settled_again(pool, member)
    restrictions = pool_of(master).mapping("restrictions")
    assert [restrictions[flag] for flag in ("restrict_vlan", "restrict_rbac", "restrict_ad", "enable_xha")] == [
        "false", "true", "false", "false"
    ]  # fmt: skip


def test_an_edition_for_all_is_taken_back_when_one_host_cannot(pool: Simulation) -> None:
    master, _member, other = pool.hosts
    ref = pool_of(master).ref
    Rpc(master).call("pool.apply_edition", ref, "standard")
    assert editions(pool) == ["standard"] * 3
    other.edition_ranks = None
    assert refused(pool, "pool.apply_edition", ref, "free") == ["INVALID_EDITION", "free"]
    assert editions(pool) == ["standard"] * 3
    assert pool_of(master).mapping("restrictions")["restrict_pool_size"] == "false"


def test_an_edition_is_refused_under_ha_and_where_it_is_unknown(pool: Simulation) -> None:
    master = pool.hosts[0]
    assert refused(pool, "host.apply_edition", master.ref, "royal", False) == ["INVALID_EDITION", "royal"]
    pool_of(master).set(ha_enabled=True)
    assert refused(pool, "host.apply_edition", master.ref, "free", False) == ["HA_IS_ENABLED"]
    Rpc(master).call("host.apply_edition", master.ref, "xcp-ng", False)


def test_verification_of_certificates_goes_on_for_all_and_never_off(pool: Simulation) -> None:
    master = pool.hosts[0]
    pool_of(master).set(tls_verification_enabled=False)
    for host in rows(master.database, "host"):
        host.set(tls_verification_enabled=False)
    Rpc(master).call("pool.enable_tls_verification")
    assert pool_of(master).flag("tls_verification_enabled")
    assert all(host.flag("tls_verification_enabled") for host in rows(master.database, "host"))
    pool_of(master).set(ha_enabled=True)
    assert refused(pool, "pool.enable_tls_verification") == ["HA_IS_ENABLED"]


def test_https_alone_is_set_host_by_host_until_one_is_off(pool: Simulation) -> None:
    master, _member, other = pool.hosts
    pool.world.shut_down(other)
    until(lambda: not other.powered)
    ref = pool_of(master).ref
    assert refused(pool, "pool.set_https_only", ref, False) == ["HOST_OFFLINE", other.ref]
    assert [host.flag("https_only") for host in rows(master.database, "host")] == [False, False, True]


def test_a_secret_that_could_not_be_rotated_everywhere_stays_pending(pool: Simulation) -> None:
    """pool.md 3.1, 4.2: meanwhile nothing else may be done with the pool."""
    master, member, other = pool.hosts
    pool.fault("drop_before", host=other.name, method="pool.rotate_secret")
    code, said = refused(pool, "pool.rotate_secret")
    assert (code, other.name in said) == ("INTERNAL_ERROR", True)
    assert pool_of(master).flag("is_psr_pending")
    assert refused(pool, "pool.designate_new_master", member.ref) == ["POOL_SECRET_ROTATION_PENDING"]
    Rpc(master).call("pool.rotate_secret")
    assert not pool_of(master).flag("is_psr_pending")
    assert len({host.disk.pool_secret for host in pool.hosts}) == 1


def test_a_rotation_that_is_refused_leaves_no_trace(pool: Simulation) -> None:
    """xapi_psr.ml, start: liveness is asked of the database, before anybody is told."""
    master, _member, other = pool.hosts
    metrics = Row(master.database, "host", other.ref).to("metrics", "host_metrics")
    metrics.set(live=False)
    assert refused(pool, "pool.rotate_secret") == ["CANNOT_CONTACT_HOST", other.ref]
    metrics.set(live=True)
    row = pool_of(master)
    row.set(current_operations={"OpaqueRef:1": "eject"})
    assert refused(pool, "pool.rotate_secret") == ["INTERNAL_ERROR", "pool operations in progress: [ eject ]"]
    row.set(current_operations={}, restrictions=row.mapping("restrictions") | {"restrict_pool_secret_rotation": "true"})
    assert refused(pool, "pool.rotate_secret") == ["LICENCE_RESTRICTION", "Pool_secret_rotation"]
    assert not pool_of(master).flag("is_psr_pending")
    assert len({host.disk.pool_secret for host in pool.hosts}) == 1


def test_a_member_with_another_secret_is_unknown_to_its_master(pool: Simulation) -> None:
    """pool.md 4.6."""
    member = pool.hosts[1]
    member.disk.pool_secret = "old"
    pool.world.crash(member)
    until(lambda: member.emergency_error and member.emergency_error.code == "HOST_UNKNOWN_TO_MASTER")
    assert local(member, "host.is_in_emergency_mode") is True
