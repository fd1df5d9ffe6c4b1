from datetime import timedelta

import pytest

from simulator.running import Simulation
from simulator.world.host import HostMachine
from simulator.xapi.access.sessions import LIMIT_ANONYMOUS
from tests.simulator.pool.joining import joined
from tests.simulator.rpc import Rpc, XapiFailure
from tests.simulator.waiting import until


def test_a_login_gives_a_session_that_knows_its_host(rpc: Rpc, host: HostMachine) -> None:
    row = rpc.record("session", rpc.session)
    assert row["this_host"] == host.ref
    assert row["is_local_superuser"] is True
    assert row["originator"] == "tests"
    assert rpc.call("session.get_this_host", rpc.session) == host.ref


def test_a_wrong_password_is_an_authentication_failure(rpc: Rpc) -> None:
    with pytest.raises(XapiFailure, match="SESSION_AUTHENTICATION_FAILED"):
        rpc.bare("session.login_with_password", "root", "wrong")


def test_a_session_ends_with_its_logout(rpc: Rpc) -> None:
    rpc.call("session.logout")
    with pytest.raises(XapiFailure, match="SESSION_INVALID"):
        rpc.call("pool.get_all")


def test_a_member_names_its_coordinator(rpc: Rpc, host: HostMachine, member: HostMachine) -> None:
    there = Rpc(member)
    with pytest.raises(XapiFailure) as at_login:
        there.bare("session.login_with_password", "root", "even wrong")
    with pytest.raises(XapiFailure) as in_a_call:
        there.bare("pool.get_all", rpc.session)
    assert at_login.value.description == in_a_call.value.description == ["HOST_IS_SLAVE", host.address]


def test_list_methods_needs_no_session_even_on_a_member(member: HostMachine) -> None:
    assert "host.get_all_records" in str(Rpc(member).bare("system.listMethods"))


def test_a_local_session_works_on_a_member(member: HostMachine) -> None:
    there = Rpc(member)
    local = there.bare("session.slave_local_login_with_password", member.username, member.password)
    assert there.bare("pool.get_all", local)
    there.bare("session.local_logout", local)
    with pytest.raises(XapiFailure, match="SESSION_INVALID"):
        there.bare("pool.get_all", local)


def test_a_toolstack_restart_forgets_sessions_and_tasks(rpc: Rpc, host: HostMachine) -> None:
    task = rpc.ref("task.create", "mine", "")
    host.sessions.clear()
    with pytest.raises(XapiFailure, match="SESSION_INVALID"):
        rpc.call("pool.get_all")
    assert not host.database.has("task", task)


def test_a_day_of_silence_ends_a_session(rpc: Rpc, host: HostMachine) -> None:
    assert rpc.call("pool.get_all")
    host.clock_skew += timedelta(hours=25).total_seconds()
    with pytest.raises(XapiFailure, match="SESSION_INVALID"):
        rpc.call("pool.get_all")


def test_anonymous_logins_push_out_the_oldest(rpc: Rpc, sim: Simulation, host: HostMachine) -> None:
    first = rpc.bare("session.login_with_password", host.username, host.password)
    for _ in range(LIMIT_ANONYMOUS - 1):
        host.database.create("session", last_active="29990101T00:00:00Z", is_local_superuser=True)
    assert rpc.bare("pool.get_all", first)
    rpc.bare("session.login_with_password", host.username, host.password)
    with pytest.raises(XapiFailure, match="SESSION_INVALID"):
        rpc.bare("pool.get_all", first)
    assert rpc.call("pool.get_all"), "sessions with another originator stay"


def test_a_session_whose_task_still_runs_is_not_pushed_out(rpc: Rpc, host: HostMachine) -> None:
    busy = str(rpc.bare("session.login_with_password", host.username, host.password))
    task = rpc.bare("task.create", busy, "mine", "")
    for _ in range(LIMIT_ANONYMOUS - 1):
        host.database.create("session", last_active="29990101T00:00:00Z", is_local_superuser=True)
    rpc.bare("session.login_with_password", host.username, host.password)
    assert rpc.bare("session.get_tasks", busy, busy) == [task]
    rpc.bare("task.set_status", busy, task, "success")
    rpc.bare("task.destroy", busy, task)
    assert rpc.bare("session.get_tasks", busy, busy) == []


def test_a_day_of_silence_ends_a_session_but_not_one_at_work(rpc: Rpc, host: HostMachine) -> None:
    idle, busy = (str(rpc.bare("session.login_with_password", host.username, host.password)) for _ in range(2))
    rpc.bare("task.create", busy, "mine", "")
    for ref in (idle, busy):
        host.database.set("session", ref, last_active="20000101T00:00:00Z")
    rpc.bare("session.login_with_password", host.username, host.password)
    assert (host.database.has("session", idle), host.database.has("session", busy)) == (False, True)


def test_roots_new_password_is_that_of_every_server_of_the_pool(sim: Simulation) -> None:
    member, master = sim.hosts
    joined(sim, member, master)
    until(lambda: member.settled)
    Rpc(master).call("session.change_password", "whatever", "a new one")
    assert (master.password, member.password) == ("a new one", "a new one")
    assert Rpc(master).call("pool.get_all")


def test_secrets_never_reach_the_call_log(rpc: Rpc, sim: Simulation, host: HostMachine) -> None:
    assert rpc.session
    logged = sim.calls("session.login_with_password")
    assert [call.outcome for call in logged] == ["ok"]
    assert host.password not in str(logged)


def test_a_running_slave_of_a_dead_master_hangs(sim: Simulation) -> None:
    """Pool.md 4.6 and protocol.md 2.2: any call with a session, but neither a login nor what an emergency needs."""
    member, master = sim.hosts
    joined(sim, member, master)
    until(lambda: member.settled)
    there, session = Rpc(member, timeout=0.5), Rpc(master).session
    local = there.bare("session.slave_local_login_with_password", member.username, member.password)
    sim.world.power_off(master)
    for waiting in (session, local, "OpaqueRef:dead"):
        with pytest.raises(TimeoutError):
            there.bare("pool.get_all", waiting)
    assert there.bare("host.is_in_emergency_mode", local) is False
    with pytest.raises(XapiFailure, match="HOST_IS_SLAVE"):
        there.bare("session.login_with_password", "root", "x")
    sim.world.power_on(master)
    until(lambda: master.up)
    with pytest.raises(XapiFailure, match="SESSION_INVALID"):
        Rpc(member).bare("pool.get_all", session)


def test_in_a_call_the_database_says_who_leads_and_at_a_login_the_members_own_file(
    rpc: Rpc, host: HostMachine, member: HostMachine
) -> None:
    """Pool.md 4.5."""
    host.database.set("host", host.ref, address="127.1.2.3")
    with pytest.raises(XapiFailure) as in_a_call:
        Rpc(member).bare("pool.get_all", rpc.session)
    with pytest.raises(XapiFailure) as at_login:
        Rpc(member).bare("session.login_with_password", "root", "x")
    assert in_a_call.value.description == ["HOST_IS_SLAVE", "127.1.2.3"]
    assert at_login.value.description == ["HOST_IS_SLAVE", host.address]


def test_a_session_at_work_is_still_good_after_a_day_of_silence(rpc: Rpc, host: HostMachine) -> None:
    """Protocol.md 2.3."""
    rpc.call("task.create", "mine", "")
    host.database.set("session", rpc.session, last_active="20000101T00:00:00Z")
    assert rpc.call("pool.get_all")
    assert rpc.record("session", rpc.session)["last_active"] != "20000101T00:00:00Z"
