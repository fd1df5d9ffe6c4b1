"""The recommended coordinator is the one that the others can join, with the reasons in words."""

from collections.abc import Sequence
from dataclasses import replace

from pools.checks.facts import ServerFacts
from pools.checks.recommend import Recommendation, recommend_coordinator
from pools.xapi import records as r
from tests.pools.checks.fine import NEW, OLD, add, host, management, pool, server, software
from tests.pools.checks.spoiled import running

THIRD = server("third-1", 13)


def advice(*servers: ServerFacts) -> dict[str, Recommendation]:
    names = {each.uuid: each.name_label for each in servers}
    return {names[each.uuid]: each for each in recommend_coordinator(servers)}


def best(*servers: ServerFacts) -> str:
    return next(iter(advice(*servers)))


def said(texts: Sequence[str], words: str) -> bool:
    return any(words in text for text in texts)


def test_equal_servers_come_by_name() -> None:
    assert list(advice(OLD, THIRD, NEW)) == ["new-1", "old-1", "third-1"]


def test_a_server_that_runs_vms_coordinates_so_that_they_may_run_on() -> None:
    found = advice(NEW, add(OLD, running("intranet")))
    assert next(iter(found)) == "old-1"
    assert said(found["old-1"].reasons, "runs VMs")


def test_running_vms_weigh_more_than_bonds() -> None:
    assert best(add(NEW, r.BondRecord(ref="bond")), add(OLD, running("intranet"))) == "old-1"


def test_shared_storage_may_stay_on_the_coordinator() -> None:
    assert best(NEW, add(OLD, r.SRRecord(ref="sr", shared=True))) == "old-1"


def test_the_coordinator_of_others_stays_coordinator() -> None:
    pair = pool(add(THIRD, r.HostRecord(ref="h", uuid="h", edition="xcp-ng")), name_label="Office")
    found = advice(NEW, add(OLD, running("intranet")), pair)
    assert next(iter(found)) == "third-1"
    assert said(found["third-1"].reasons, "already coordinates Office")


def test_the_odd_one_out_comes_last_with_the_number_it_would_refuse() -> None:
    found = advice(software(NEW, xapi="26.1"), OLD, THIRD)
    assert list(found)[-1] == "new-1"
    assert said(found["new-1"].doubts, "2 of the others do not fit it: old-1, third-1")
    assert said(found["old-1"].doubts, "1 of the others does not fit it: new-1")


def test_a_server_that_no_one_can_join_as_it_is_comes_after_the_others() -> None:
    found = advice(pool(NEW, ha_enabled=True), OLD)
    assert list(found) == ["old-1", "new-1"]
    assert said(found["new-1"].doubts, "High availability is off in the pool")


def test_a_fixed_address_is_better_than_dhcp() -> None:
    found = advice(management(NEW, ip_configuration_mode="DHCP"), OLD)
    assert list(found) == ["old-1", "new-1"]
    assert said(found["new-1"].doubts, "DHCP")


def test_more_memory_and_a_newer_version_speak_for_a_server() -> None:
    larger = add(OLD, r.HostMetricsRecord(ref="old-1-metrics", memory_total=128 * 1024**3))
    found = advice(NEW, software(larger, product_version="8.10.0"))
    assert next(iter(found)) == "old-1"
    assert said(found["old-1"].reasons, "128 GiB")
    assert said(found["old-1"].reasons, "8.10.0")


def test_unread_servers_and_members_of_other_pools_come_last_and_say_why() -> None:
    dead = replace(NEW, error_code="XENWEB_TIMEOUT")
    member = replace(host(OLD), error_code="HOST_IS_SLAVE")
    found = advice(dead, member, THIRD)
    assert next(iter(found)) == "third-1"
    assert said(found["new-1"].doubts, "could not be read")
    assert said(found["old-1"].doubts, "member of another pool")
