"""`xe` reads and writes the same world that XenAPI does, under its own names (cli_frontend.ml, records.ml)."""

from collections.abc import Iterator

import pytest

from simulator.console.xe.commands import COMMANDS
from simulator.running import Simulation, running
from simulator.schema import schema
from simulator.schema.hidden import HIDDEN
from simulator.schema.implicit import implicit_messages
from simulator.xapi.machines import host_row
from tests.simulator.console.person import Person, standing_before
from tests.simulator.rpc import Rpc


@pytest.fixture(scope="module")
def sim() -> Iterator[Simulation]:
    with running("two-standalone") as found:
        yield found


@pytest.fixture
def person(sim: Simulation) -> Iterator[Person]:
    with standing_before(sim, sim.hosts[0]) as found:
        yield found


def test_a_list_shows_its_first_field_at_the_left_and_the_others_below(person: Person) -> None:
    lines = person.type("xe pif-list device=eth1").splitlines()
    assert [line.partition(": ")[0].strip() for line in lines] == [
        "uuid ( RO)",
        "device ( RO)",
        "currently-attached ( RO)",
        "VLAN ( RO)",
        "network-uuid ( RO)",
    ]
    assert len({line.index(": ") for line in lines}) == 1
    assert lines[0].startswith("uuid ( RO)  ")


def test_enabling_a_host_ends_its_maintenance_too(person: Person, sim: Simulation) -> None:
    """pool.md 5.1."""
    host = host_row(sim.hosts[0])
    host.put("other_config", "MAINTENANCE_MODE", "true")
    host.set(enabled=False)
    assert person.type("xe host-enable") == ""
    assert host.flag("enabled")
    assert "MAINTENANCE_MODE" not in host.mapping("other_config")


def test_minimal_gives_the_first_field_with_commas(person: Person) -> None:
    assert person.type("xe pif-list params=device physical=true --minimal") == "eth0,eth1,eth2,eth3\n"
    assert person.type("xe pif-list device=eth9 --minimal") == ""


def test_fields_of_cards_and_names_of_networks_can_be_shown_and_searched(person: Person, sim: Simulation) -> None:
    nic = sim.hosts[0].hardware.nics[2]
    told = person.type(f"xe pif-list MAC={nic.mac} params=device,speed,vendor-name,pci-bus-path,host-name-label")
    assert [line.partition(": ")[2] for line in told.splitlines() if line] == [
        "eth2",
        str(nic.speed),
        nic.vendor,
        nic.pci,
        "xs-01",
    ]


def test_params_all_shows_every_field(person: Person, sim: Simulation) -> None:
    told = person.type("xe pif-list device=eth0 params=all")
    known = Rpc(sim.hosts[0]).call("PIF.get_all_records")
    assert isinstance(known, dict)
    assert len(told.splitlines()) > len(next(iter(known.values())))
    assert "IP-configuration-mode ( RO): Static" in told


def test_param_set_writes_numbers_words_and_keys_of_maps(person: Person) -> None:
    person.type('NET=$(xe network-create name-label="storage network" MTU=9000)')
    assert person.type("xe network-param-set uuid=$NET MTU=1500 name-description='for iSCSI' other-config:site=a") == ""
    for name, value in (("MTU", "1500"), ("name-label", "storage network"), ("name-description", "for iSCSI")):
        assert person.type(f"xe network-param-get uuid=$NET param-name={name}") == f"{value}\n"
    assert person.type("xe network-param-get uuid=$NET param-name=other-config param-key=site") == "a\n"
    assert person.type("xe network-list other-config:site=a params=name-label --minimal") == "storage network\n"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("xe pif-plug", "Required parameter not found: uuid\nFor usage run: 'xe help'\n"),
        ("xe pif-plug uuid=x", "Error code: UUID_INVALID\nError parameters: PIF, x\n"),
        ("xe pif-list colour=red", "Error: Unknown field 'colour'\n"),
        ("xe pif-fly uuid=x", "Unknown command: pif-fly\nFor usage run: 'xe help'\n"),
        ("xe pif-list eth0", "Syntax error: eth0\nFor usage run: 'xe help'\n"),
        ("xe network-create name-label=a MTU=big", "Failed to parse parameter 'MTU': expecting an integer\n"),
        ("xe network-create name-label=a managed=maybe", "Failed to parse parameter 'managed': expecting boolean\n"),
    ],
)
def test_what_xe_refuses_it_says_and_the_status_is_not_0(person: Person, line: str, told: str) -> None:
    assert person.type(line) == told
    assert person.type("echo $?") == "1\n"


def test_every_command_stands_for_a_message_that_xapi_has() -> None:
    published = {
        f"{cls.name}.{spec.name}"
        for cls in schema().classes.values()
        for spec in (*cls.messages.values(), *implicit_messages(cls).values())
    }
    assert {command.method for command in COMMANDS.values()} - published - HIDDEN.keys() == set()


def test_an_xe_leaves_no_session_behind(person: Person, sim: Simulation) -> None:
    before = len(sim.hosts[0].database.refs("session"))
    person.type("xe host-list")
    assert len(sim.hosts[0].database.refs("session")) == before
