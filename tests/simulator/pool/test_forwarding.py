"""Calls that a member does for its master (network.md 2.1)."""

from collections.abc import Iterator

import pytest

from simulator.running import Simulation, running
from simulator.world.host import HostMachine
from simulator.xapi.errors import XapiError
from simulator.xapi.forwarding import Tolerance, forwarded
from simulator.xapi.registry import Call
from tests.simulator.pool.joining import joined
from tests.simulator.rpc import Rpc, XapiFailure
from tests.simulator.waiting import until


@pytest.fixture
def pool() -> Iterator[tuple[Simulation, HostMachine, HostMachine]]:
    with running("two-standalone") as sim:
        joiner, master = sim.hosts
        joined(sim, joiner, master)
        until(lambda: joiner.settled)
        yield sim, master, joiner


Pool = tuple[Simulation, HostMachine, HostMachine]
CALLS = ("host.restart_agent", "host.enable", "host.get_server_certificate", "host.get_servertime")


def refused(master: HostMachine, method: str, *arguments: object) -> list[str]:
    with pytest.raises(XapiFailure) as failure:
        Rpc(master).call(method, *arguments)
    return failure.value.description


@pytest.mark.parametrize("method", CALLS)
def test_a_dead_member_is_offline_and_a_silent_one_cannot_be_contacted(pool: Pool, method: str) -> None:
    sim, master, member = pool
    ref, metrics = member.ref, str(master.database.field("host", member.ref, "metrics"))
    sim.world.hush(member)
    assert refused(master, method, ref) == ["CANNOT_CONTACT_HOST", ref]
    master.database.set("host_metrics", metrics, live=False)
    assert refused(master, method, ref) == ["HOST_OFFLINE", ref]
    sim.world.power_off(member)
    sim.world.restart(member, after=0)
    assert not member.up
    assert refused(master, method, "OpaqueRef:none") == ["HANDLE_INVALID", "host", "OpaqueRef:none"]


def test_the_member_says_why_it_cannot_and_its_faults_strike(pool: Pool) -> None:
    sim, master, member = pool
    member.emergency_error = XapiError("HOST_STILL_BOOTING")
    assert refused(master, "host.enable", member.ref) == ["HOST_STILL_BOOTING"]
    member.emergency_error = None
    sim.fault("drop_after", host=member.name, method="host.disable")
    assert refused(master, "host.disable", member.ref, False) == ["CANNOT_CONTACT_HOST", member.ref]
    assert not master.database.field("host", member.ref, "enabled")
    assert [(call.transport, call.outcome) for call in sim.calls("host.disable", member.name)] == [
        ("internal", "DropConnection")
    ]


def test_a_lost_reply_can_be_a_success_after_all(pool: Pool) -> None:
    sim, master, member = pool
    call = Call(master, method="Bond.create")
    done: list[str] = []
    sim.fault("drop_after", host=member.name, method="Bond.create", times=2)
    found = forwarded(call, member.ref, lambda _machine: done.append("bond"), Tolerance(1, lambda: bool(done)))
    with pytest.raises(XapiError, match="CANNOT_CONTACT_HOST"):
        forwarded(call, member.ref, lambda _machine: done.append("bond"), Tolerance(0.05, lambda: False))
    assert (found, done) == (None, ["bond", "bond"])
