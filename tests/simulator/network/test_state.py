"""A lab that is stopped and started again finds its management where it was moved to."""

import ssl
from pathlib import Path

import pytest

from simulator.running import running
from tests.simulator.network.rows import card
from tests.simulator.rpc import Rpc
from tests.simulator.waiting import until


def test_a_host_still_answers_at_its_new_address(tmp_path: Path) -> None:
    state = tmp_path / "lab.json"
    with running("two-standalone", state=state) as sim:
        host = sim.hosts[0]
        with pytest.raises((ConnectionError, ssl.SSLError)):
            Rpc(host).call("PIF.reconfigure_ip", card(host).ref, "Static", "127.99.8.1", "255.255.255.0", "", "")
        until(lambda: host.address == "127.99.8.1" and host.up)
        port = host.port
    with running("two-standalone", state=state, port=port) as sim:
        host = sim.hosts[0]
        assert host.address == "127.99.8.1"
        assert Rpc(host).call("host.get_address", host.ref) == "127.99.8.1"
