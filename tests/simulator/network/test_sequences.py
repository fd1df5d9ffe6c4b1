"""Random network calls on a pool of two: whatever is refused or done, rows, bridges and addresses agree."""

from contextlib import ExitStack
from dataclasses import replace
from itertools import chain

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from simulator.running import running
from simulator.world.host import HostMachine
from simulator.xapi.dispatch import Request, serve_call
from simulator.xapi.errors import XapiError
from simulator.xapi.machines import host_row
from simulator.xapi.network.plugs import bridge_of
from simulator.xapi.rows import NULL, Row, rows
from tests.simulator.network.conftest import PAIR
from tests.simulator.network.rows import network
from tests.simulator.rpc import Rpc

ANY = st.integers(0, 40)
ADDRESSES = st.builds("127.88.{}.{}".format, st.integers(0, 250), st.integers(1, 250))
MODES = st.sampled_from(["active-backup", "balance-slb", "lacp"])
REFERENCES = {
    "PIF": {"network": "network", "host": "host", "bond_slave_of": "Bond"},
    "Bond": {"master": "PIF", "primary_slave": "PIF"},
    "VLAN": {"tagged_PIF": "PIF", "untagged_PIF": "PIF"},
    "tunnel": {"access_PIF": "PIF"},
}


class Calls(RuleBasedStateMachine):
    """Nothing happens by itself, so that a sequence always means the same."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.sim = self.stack.enter_context(running(PAIR))
        quiet = replace(self.sim.world.timing, heartbeat=3600, liveness_check=3600, collection=3600)
        self.sim.world.timing = replace(quiet, bond_tolerance=0.01, reconfigure_tolerance=0.01)
        self.master: HostMachine = self.sim.hosts[0]
        self.session = Rpc(self.master).session

    def teardown(self) -> None:
        self.stack.close()

    def ask(self, method: str, *args: object) -> None:
        """A refusal is as good as a change; that xapi does not know what to say is neither."""
        code = ""
        try:
            serve_call(self.master, Request(method, [self.session, *args], "jsonrpc"))
        except XapiError as error:
            code = error.code
        assert code != "INTERNAL_ERROR"

    def pick(self, cls: str, place: int) -> str:
        refs = self.master.database.refs(cls)
        return refs[place % len(refs)] if refs else NULL

    def empty_network(self) -> str:
        free = [row.ref for row in rows(self.master.database, "network") if not row.items("PIFs")]
        return free[-1] if free else network(self.master).ref

    @rule(pif=ANY, call=st.sampled_from(["PIF.plug", "PIF.unplug", "PIF.forget", "host.management_reconfigure"]))
    def change_pif(self, pif: int, call: str) -> None:
        self.ask(call, self.pick("PIF", pif))

    @rule(pif=ANY, mode=st.sampled_from(["Static", "Static", "DHCP", "None"]), address=ADDRESSES)
    def readdress(self, pif: int, mode: str, address: str) -> None:
        given = (address, "255.255.255.0") if mode == "Static" else ("", "")
        self.ask("PIF.reconfigure_ip", self.pick("PIF", pif), mode, *given, "", "")

    @rule(pif=ANY, tag=st.integers(1, 2), call=st.sampled_from(["VLAN.create", "pool.create_VLAN_from_PIF"]))
    def add_vlan(self, pif: int, tag: int, call: str) -> None:
        on = self.empty_network()
        rest = (tag, on) if call == "VLAN.create" else (on, tag)
        self.ask(call, self.pick("PIF", pif), *rest)

    @rule(pifs=st.lists(ANY, min_size=1, max_size=2, unique=True), mode=MODES)
    def add_bond(self, pifs: list[int], mode: str) -> None:
        self.ask("Bond.create", self.empty_network(), [self.pick("PIF", pif) for pif in pifs], "", mode, {})

    @rule(pif=ANY)
    def add_tunnel(self, pif: int) -> None:
        self.ask("tunnel.create", self.pick("PIF", pif), self.empty_network(), "gre")

    @rule(place=ANY, cls=st.sampled_from(["Bond", "VLAN", "tunnel", "network"]))
    def destroy(self, place: int, cls: str) -> None:
        self.ask(f"{cls}.destroy", self.pick(cls, place))

    @rule(host=st.integers(0, 1))
    def scan(self, host: int) -> None:
        self.ask("PIF.scan", self.sim.hosts[host].ref)
        self.ask("network.create", {"name_label": "More", "other_config": {}})

    @invariant()
    def references_resolve(self) -> None:
        database = self.master.database
        for cls, fields in REFERENCES.items():
            for row in rows(database, cls):
                for name, named in fields.items():
                    assert row.text(name) == NULL or database.has(named, row.text(name)), (cls, name)

    @invariant()
    def a_card_is_in_one_bond_at_most(self) -> None:
        members = list(chain.from_iterable(bond.items("slaves") for bond in rows(self.master.database, "Bond")))
        assert len(members) == len(set(members))

    @invariant()
    def what_is_plugged_has_a_bridge(self) -> None:
        for machine in self.sim.hosts:
            for pif in host_row(machine).all("PIFs", "PIF"):
                assert not pif.flag("currently_attached") or bridge_of(pif) in machine.interfaces.plugs

    @invariant()
    def a_host_answers_at_the_address_of_its_one_management_interface(self) -> None:
        for machine in self.sim.hosts:
            (managing,) = rows(machine.database, "PIF", host=machine.ref, management=True)
            assert bridge_of(managing) == machine.interfaces.management
            assert managing.text("IP") == machine.address == Row(managing.database, "host", machine.ref).text("address")
            assert machine.reachable


TestCalls = Calls.TestCase
TestCalls.settings = settings(
    max_examples=8,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],
    derandomize=True,
)
