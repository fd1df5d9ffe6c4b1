"""Programs of a host's own: none is installed."""

import pytest

from simulator.running import Simulation
from tests.simulator.rpc import Rpc, XapiFailure


def test_no_plugin_is_installed(sim: Simulation) -> None:
    """Protocol.md 6.1: what Xen Orchestra asks of updater.py."""
    host = sim.hosts[0]
    with pytest.raises(XapiFailure) as caught:
        Rpc(host).call("host.call_plugin", host.ref, "updater.py", "check_update", {})
    assert caught.value.description == ["XENAPI_MISSING_PLUGIN", "updater.py"]


def test_logging_may_be_read_anew(sim: Simulation) -> None:
    assert Rpc(sim.hosts[0]).call("host.syslog_reconfigure", sim.hosts[0].ref) == ""
