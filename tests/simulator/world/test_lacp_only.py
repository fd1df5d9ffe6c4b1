"""A switch that speaks LACP or not at all (network.md 8.1, trap (a); pool.md 3.4)."""

from simulator.running import running
from tests.simulator.rpc import Rpc
from tests.simulator.waiting import until
from tests.simulator.world.asking import done


def test_an_ejected_member_is_dark_until_the_switch_falls_back() -> None:
    with running("lacp-only-switch") as sim:
        master, member = sim.hosts
        pools, rpc = done(sim, "GET", "/world")["pools"], Rpc(master)
        assert isinstance(pools, list)
        assert pools[0]["hosts"] == ["lacp-1", "lacp-2"]
        rpc.call("pool.eject", member.ref)
        until(lambda: member.role == "master" and member.settled)
        until(lambda: rpc.call("host.get_all_records") and len(rpc.call("host.get_all")) == 1)  # type: ignore[arg-type]
        told = done(sim, "GET", "/hosts/lacp-2")
        assert (told["powered"], told["answering"], told["reachable"]) == (True, True, False)
        assert told["volumes"]  # a new local SR; what was on the old one is gone
        for port in ("3", "4"):
            done(sim, "PATCH", f"/switches/tor/ports/{port}", {"fallback": True})
        assert len(Rpc(member).call("host.get_all")) == 1  # type: ignore[arg-type]
