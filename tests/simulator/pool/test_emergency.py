"""What a host without its master still answers (pool.md 4.4, 4.6)."""

from simulator.world.host import HostMachine
from simulator.xapi.errors import XapiError
from tests.simulator.rpc import Rpc


def test_a_member_says_of_itself_whether_it_is_one_and_in_emergency_mode(member: HostMachine, rpc: Rpc) -> None:
    assert rpc.call("pool.is_slave", "OpaqueRef:whoever") is False
    local = Rpc(member).bare("session.slave_local_login_with_password", member.username, member.password)
    assert Rpc(member).bare("host.is_in_emergency_mode", local) is False
    member.emergency_error = XapiError("HOST_STILL_BOOTING")
    assert Rpc(member).bare("host.is_in_emergency_mode", local) is True
    assert Rpc(member).bare("pool.is_slave", local, "OpaqueRef:whoever") is True


def test_hidden_messages_are_listed_like_others(rpc: Rpc) -> None:
    listed = rpc.bare("system.listMethods")
    assert isinstance(listed, list)
    assert "pool.is_slave" in listed
