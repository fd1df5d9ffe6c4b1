"""What lets many hosts live in one process: one thread that accepts, and as many descriptors as are allowed."""

import resource
import threading

from simulator.running import Simulation, running
from simulator.scenes.model import HostSpec, Scene
from tests.simulator.rpc import Rpc


def accepting() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "xapi-accept"]


def test_one_thread_accepts_for_all_hosts_and_ends_with_them() -> None:
    before = len(accepting())
    with running(Scene(name="many", hosts=tuple(HostSpec(name=f"h{n}") for n in range(8)))) as sim:
        assert len(accepting()) == before + 1
        assert all(Rpc(host).call("host.get_all") == [host.ref] for host in sim.hosts)
    assert len(accepting()) == before


def test_a_host_that_went_away_and_came_back_is_accepted_for_again(sim: Simulation) -> None:
    host = sim.hosts[0]
    for _ in range(3):
        sim.world.listen_anew(host)
        assert Rpc(host).call("host.get_all") == [host.ref]


def test_a_machine_is_found_by_name_uuid_and_the_address_that_it_has_now(sim: Simulation) -> None:
    first, second = sim.hosts
    assert [sim.world.machine(key) for key in (first.name, first.uuid, first.address)] == [first] * 3
    old, first.address = first.address, "127.99.0.1"
    assert sim.world.at("127.99.0.1") is first
    assert sim.world.at(old) is None
    second.address = old
    assert sim.world.at(old) is second


def test_the_process_may_open_as_many_files_as_the_system_allows() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard // 2, hard))
        with running("two-standalone"):
            assert resource.getrlimit(resource.RLIMIT_NOFILE) == (hard, hard)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
