"""Servers of older releases (pool.md 1.5, 5.1, 5.3, 8)."""

import pytest

from simulator.running import running
from simulator.scenes.rules import spoil
from simulator.world.host import HostMachine
from simulator.xapi.machines import host_row
from simulator.xapi.rows import NULL
from tests.simulator.pool.joining import refusal
from tests.simulator.rpc import Rpc, XapiFailure


def _error(machine: HostMachine, method: str, *args: object) -> list[str]:
    try:
        Rpc(machine).call(method, *args)
    except XapiFailure as failure:
        return failure.description
    return []


def test_an_old_server_counts_only_the_parameters_it_knows() -> None:
    with running("old-and-new") as sim:
        old, middle, new = sim.host("eight-1"), sim.host("middle-1"), sim.host("new-1")
        mismatch = "MESSAGE_PARAMETER_COUNT_MISMATCH"
        assert _error(old, "host.disable", old.ref, False) == [mismatch, "host.disable", "1", "2"]
        assert _error(old, "host.evacuate", old.ref, NULL) == [mismatch, "host.evacuate", "1", "2"]
        assert _error(old, "host.evacuate", old.ref) == []
        for machine in (middle, new):
            assert _error(machine, "host.disable", machine.ref, False) == []
            assert _error(machine, "host.evacuate", machine.ref, NULL, 5) == []


@pytest.mark.parametrize("name", ["guidance", "tls-verification", "updating", "sm-features"])
def test_a_check_that_came_later_is_not_made_by_an_old_server(name: str) -> None:
    """pool.md 1.5: 1.249 has none of the rows 5, 11 and 28 to 33."""
    with running("old-and-new") as sim:
        joiner, master = sim.host("eight-2"), sim.host("eight-1")
        spoil(name, joiner, master)
        assert refusal(joiner, master) == []


def test_an_old_server_does_not_fit_a_new_pool() -> None:
    with running("old-and-new") as sim:
        assert refusal(sim.host("eight-1"), sim.host("new-1")) == ["HOSTS_NOT_COMPATIBLE"]
        homogeneous = ["HOSTS_NOT_HOMOGENEOUS", "Software version differs"]
        assert refusal(sim.host("middle-3"), sim.host("new-1")) == homogeneous
        assert refusal(sim.host("new-3"), sim.host("new-1")) == []


def test_an_82_server_says_nothing_of_xapi_build_and_has_an_older_schema() -> None:
    with running("old-and-new") as sim:
        software = host_row(sim.host("eight-1")).mapping("software_version")
        assert "xapi_build" not in software
        assert software["db_schema"] == "5.603"
