"""Signing in and out; what a dead session, a member and a wrong password mean."""

import pytest

from pools.xapi.endpoint import Endpoint, Login
from pools.xapi.errors import XapiFailure
from pools.xapi.gateway import logout, open_session
from pools.xapi.probe import coordinator_of, probe_server
from simulator.running import Simulation
from tests.pools.xapi.conftest import Reach, reach_host


def test_a_session_ends_with_its_block(sim: Simulation, reach: Reach) -> None:
    endpoint, login = reach(sim.hosts[0])
    with open_session(endpoint, login) as xapi:
        ref = xapi.session_ref
    with pytest.raises(ZeroDivisionError), open_session(endpoint, login):
        raise ZeroDivisionError
    assert ref.startswith("OpaqueRef:")
    assert len(sim.calls("session.login_with_password")) == len(sim.calls("session.logout")) == 2


def test_a_dead_session_is_not_renewed_and_its_change_not_sent_again(sim: Simulation, reach: Reach) -> None:
    endpoint, login = reach(sim.hosts[0])
    with open_session(endpoint, login) as xapi:
        pool = xapi._pool_ref()
        logout(endpoint, xapi.session_ref)
        sim.world.calllog.clear()
        with pytest.raises(XapiFailure, match="SESSION_INVALID"):
            xapi._write("pool.set_name_label", pool, "Never")
        with pytest.raises(XapiFailure, match="SESSION_INVALID"):
            xapi.pool_uuid()
    assert [call.outcome for call in sim.calls("pool.set_name_label")] == ["SESSION_INVALID"]
    assert sim.calls("session.login_with_password") == []


def test_a_fence_holds_against_whoever_has_the_session(sim: Simulation, reach: Reach) -> None:
    endpoint, login = reach(sim.hosts[0])
    with open_session(endpoint, login) as zombie:
        logout(endpoint, zombie.session_ref)
        logout(endpoint, zombie.session_ref)  # again: the end is reached already
        with pytest.raises(XapiFailure, match="SESSION_INVALID"):
            zombie.pool_join(sim.hosts[1].address, login)


def test_a_wrong_password_is_said(sim: Simulation, reach: Reach) -> None:
    endpoint, _ = reach(sim.hosts[0])
    with pytest.raises(XapiFailure) as caught, open_session(endpoint, Login(username="root", password="wrong")):
        pass
    assert caught.value.code == "SESSION_AUTHENTICATION_FAILED"
    assert caught.value.params[0] == "root"


@pytest.fixture
def member(sim: Simulation) -> Endpoint:
    """The second host, as it answers when it has become a member of the first one's pool."""
    second = sim.hosts[1]
    second.role = f"slave:{sim.hosts[0].address}"
    return reach_host(second)[0]


def test_a_member_leads_to_its_coordinator_when_that_is_pinned(sim: Simulation, reach: Reach, member: Endpoint) -> None:
    coordinator, login = reach(sim.hosts[0])
    pinned = {coordinator.address: coordinator}
    with open_session(member, login, follow=pinned.get) as xapi:
        assert xapi.endpoint == coordinator


def test_a_member_leads_nowhere_when_its_coordinator_is_not_pinned(
    sim: Simulation, reach: Reach, member: Endpoint
) -> None:
    _, login = reach(sim.hosts[0])
    nobody: dict[str, Endpoint] = {}
    for follow in (None, nobody.get):
        with pytest.raises(XapiFailure) as caught, open_session(member, login, follow=follow):
            pass
        assert (caught.value.code, caught.value.params) == ("HOST_IS_SLAVE", (sim.hosts[0].address,))
    assert sim.calls(host=sim.hosts[0].name) == []


def test_two_members_that_name_each_other_lead_nowhere(sim: Simulation, reach: Reach, member: Endpoint) -> None:
    other, login = reach(sim.hosts[0])
    sim.hosts[0].role = f"slave:{member.address}"
    known = {other.address: other, member.address: member}
    with pytest.raises(XapiFailure, match="HOST_IS_SLAVE"), open_session(member, login, follow=known.get):
        pass


def test_a_probe_says_what_a_server_is(sim: Simulation, reach: Reach, member: Endpoint) -> None:
    coordinator, login = reach(sim.hosts[0])
    alone = probe_server(coordinator, login)
    assert (alone.role, alone.hosts, alone.host_name) == ("standalone", 1, sim.hosts[0].name)
    assert (alone.brand, alone.version, alone.cpu_vendor) == ("XCP-ng", "8.3.0", "GenuineIntel")
    assert type(alone).from_json(alone.to_json()) == alone
    second = probe_server(member, login)
    assert (second.role, second.coordinator_address) == ("member", sim.hosts[0].address)


def test_a_named_pool_of_one_is_a_coordinators(sim: Simulation, reach: Reach) -> None:
    endpoint, login = reach(sim.hosts[0])
    with open_session(endpoint, login) as xapi:
        xapi.pool_set_name_label("Named")
    assert probe_server(endpoint, login).role == "coordinator"


def test_asking_for_the_coordinator_sends_no_password(sim: Simulation, reach: Reach, member: Endpoint) -> None:
    standalone, _ = reach(sim.hosts[0])
    assert coordinator_of(member) == sim.hosts[0].address
    assert coordinator_of(standalone) == ""
    names = {call.arguments[0] for call in sim.calls("session.login_with_password")}
    assert "root" not in names
