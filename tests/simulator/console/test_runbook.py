"""A printed runbook, typed line by line: the template of network.md 8.3."""

from collections.abc import Iterator

import pytest

from simulator.running import Simulation, running
from simulator.world.host import HostMachine
from simulator.world.switches import set_carrier
from simulator.xapi.rows import Row, first, rows
from tests.simulator.console.person import standing_before
from tests.simulator.rpc import Rpc

RUNBOOK = """
HOST=$(xe host-list --minimal)
xe pif-scan host-uuid=$HOST
P0=$(xe pif-list host-uuid=$HOST MAC={mac0} VLAN=-1 physical=true --minimal)
P1=$(xe pif-list host-uuid=$HOST MAC={mac1} VLAN=-1 physical=true --minimal)
NET=$(xe network-create name-label="Bond 0+1" MTU=1500)
BOND=$(xe bond-create network-uuid=$NET pif-uuids=$P0,$P1 mode=active-backup)
BPIF=$(xe bond-param-get uuid=$BOND param-name=master)
xe pif-reconfigure-ip uuid=$BPIF mode=static IP={ip} netmask=255.255.255.0 gateway={gateway} DNS=127.0.0.53,127.0.0.54
xe host-management-reconfigure pif-uuid=$BPIF
VNET=$(xe network-create name-label="Storage" MTU=1500)
VPIF=$(xe vlan-create pif-uuid=$BPIF vlan=40 network-uuid=$VNET)
xe pif-reconfigure-ip uuid=$VPIF mode=static IP=10.40.0.11 netmask=255.255.255.0
xe pif-param-set uuid=$VPIF disallow-unplug=true other-config:management_purpose="Storage"
"""


@pytest.fixture
def typed() -> Iterator[Simulation]:
    """A server at whose console the whole runbook was typed; each line ended with status 0."""
    with running("two-standalone") as sim:
        host = sim.hosts[0]
        nics = host.hardware.nics
        lines = RUNBOOK.format(
            mac0=nics[0].mac, mac1=nics[1].mac, ip=host.address, gateway=f"{host.address.rpartition('.')[0]}.254"
        )
        with standing_before(sim, host) as person:
            for line in lines.strip().splitlines():
                told = person.type(line)
                assert (told, person.type("echo $?")) == ("", "0\n"), line
        yield sim


def row(host: HostMachine, cls: str, **equal: object) -> Row:
    found = first(host.database, cls, **equal)
    assert found, (cls, equal)
    return found


def test_the_network_is_as_the_runbook_wants_it(typed: Simulation) -> None:
    host = typed.hosts[0]
    management = row(host, "PIF", management=True)
    assert management.text("IP") == host.address
    assert management.text("DNS") == "127.0.0.53,127.0.0.54"
    bond = row(host, "Bond")
    assert bond.text("master") == management.ref
    assert bond.text("mode") == "active-backup"
    storage = row(host, "PIF", VLAN=40)
    assert (storage.text("IP"), storage.flag("disallow_unplug")) == ("10.40.0.11", True)
    assert storage.mapping("other_config") == {"management_purpose": "Storage"}
    assert [each.text("device") for each in rows(host.database, "PIF", bond_slave_of=bond.ref)] == ["eth0", "eth1"]


def test_the_server_answers_where_it_did(typed: Simulation) -> None:
    assert Rpc(typed.hosts[0]).call("pool.get_all")


def test_one_of_the_two_cables_may_be_pulled(typed: Simulation) -> None:
    host = typed.hosts[0]
    set_carrier(host, host.hardware.nics[0], on=False)
    assert Rpc(host, timeout=5).call("pool.get_all")
    set_carrier(host, host.hardware.nics[1], on=False)
    assert not host.reachable
