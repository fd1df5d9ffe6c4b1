from simulator.running import Simulation
from simulator.world.calllog import CallLog, masked, plain
from tests.simulator.rpc import Rpc


def test_every_call_is_kept_with_host_transport_and_outcome(sim: Simulation) -> None:
    host = sim.hosts[0]
    Rpc(host).call("pool.get_all")
    (call,) = sim.calls("pool.get_all")
    assert (call.host, call.transport, call.outcome) == (host.name, "jsonrpc", "ok")


def test_passwords_are_never_kept(sim: Simulation) -> None:
    joiner, master = sim.hosts
    Rpc(joiner).call("pool.join", master.address, master.username, master.password)
    assert all(master.password not in str(call) for call in sim.calls())
    assert sim.calls("pool.join")[0].arguments == (master.address, master.username, "***")


def test_async_and_old_spellings_are_the_same_message() -> None:
    assert plain("Async.pool.join") == plain("pool_join") == "pool.join"
    assert masked("Async.pool_join_force", ["a", "b", "c"]) == ("a", "b", "***")


def test_calls_of_host_to_host_are_kept_too(sim: Simulation) -> None:
    joiner, master = sim.hosts
    Rpc(joiner).call("pool.join", master.address, master.username, master.password)
    internal = [call.method for call in sim.calls(host=master.name) if call.transport == "internal"]
    assert internal == [
        "session.login_with_password",
        "pool.initial_auth",
        "pool.exchange_certificates_on_join",
        "session.logout",
        "session.login_with_password",
        "pool.exchange_ca_certificates_on_join",
        "pool.exchange_crls_on_join",
    ]


def test_the_oldest_calls_go_first() -> None:
    log = CallLog(limit=2)
    for method in ("a.a", "b.b", "c.c"):
        log.record("host", method, [])
    assert [call.method for call in log.calls()] == ["b.b", "c.c"]
