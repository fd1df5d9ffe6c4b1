"""host.reset_networking, which the model hides: the records of one server's interfaces go (xapi_host.ml)."""

import pytest

from simulator.running import Simulation, running
from tests.simulator.rpc import Rpc, XapiFailure


def test_all_records_of_a_servers_interfaces_go_and_networks_stay() -> None:
    with running("pool-of-four") as sim:
        host = sim.hosts[0]
        database = host.database
        others = {ref for ref in database.refs("PIF") if database.field("PIF", ref, "host") != host.ref}
        networks = database.refs("network")
        Rpc(host).call("host.reset_networking", host.ref)
        assert set(database.refs("PIF")) == others
        for cls, end in (("Bond", "master"), ("VLAN", "untagged_PIF"), ("tunnel", "access_PIF")):
            assert {database.field(cls, ref, end) for ref in database.refs(cls)} <= others
        assert database.refs("network") == networks


def test_a_server_that_is_not_there_is_named(sim: Simulation) -> None:
    with pytest.raises(XapiFailure) as caught:
        Rpc(sim.hosts[0]).call("host.reset_networking", "OpaqueRef:none")
    assert caught.value.description == ["HANDLE_INVALID", "host", "OpaqueRef:none"]
