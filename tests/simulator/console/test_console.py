"""A person before a server: login, a shell that is enough for a runbook, and what is left when all else fails."""

import json
from collections.abc import Iterator
from http.client import HTTPConnection

import pytest

from simulator.running import Simulation, running
from tests.simulator.console.person import Person, standing_before
from tests.simulator.pool.joining import joined
from tests.simulator.waiting import until


@pytest.fixture
def sim() -> Iterator[Simulation]:
    with running("two-standalone") as found:
        yield found


@pytest.fixture
def person(sim: Simulation) -> Iterator[Person]:
    with standing_before(sim, sim.hosts[0]) as found:
        yield found


def test_a_wrong_password_is_refused_and_asked_again(sim: Simulation) -> None:
    with standing_before(sim, sim.hosts[0], logged_in=False) as person:
        person.log_in("wrong")
        person.expect("Login incorrect")
        person.log_in()
        person.expect(person.prompt)


def test_variables_quotes_and_commands_inside_commands(person: Person) -> None:
    assert person.type("NAME='two words'") == ""
    assert (
        person.type('echo "$NAME" ${NAME} $(echo in "side") "q\\"q" # a comment') == 'two words two words in side q"q\n'
    )
    assert person.type("echo $?") == "0\n"
    assert "command not found" in person.type("nonsense")
    assert person.type("echo $?") == "127\n"


@pytest.mark.parametrize("line", ["echo 'open", "echo $(open", "a | b", "a && b", 'echo "open', "A=1 B=2"])
def test_what_the_shell_does_not_understand_is_said(person: Person, line: str) -> None:
    assert person.type(line).startswith("-bash: ")
    assert person.type("echo $?") == "2\n"


def test_the_control_api_opens_the_console_where_it_stays(sim: Simulation) -> None:
    connection = HTTPConnection("127.0.0.1", sim.control.port)
    answers = []
    for _ in range(2):
        connection.request("POST", "/hosts/xs-01/console", body="{}")
        answers.append(json.loads(connection.getresponse().read()))
    assert answers[0] == answers[1] == {"address": "127.0.0.1", "port": sim.world.consoles.port(sim.hosts[0])}


def test_a_server_without_power_has_no_console(sim: Simulation) -> None:
    with standing_before(sim, sim.hosts[0]) as person:
        sim.world.power_off(sim.hosts[0])
        person.expect("(no power)")
    with standing_before(sim, sim.hosts[0], logged_in=False) as person:
        person.expect("(no power)")


def test_a_reboot_ends_the_login_and_the_next_one_finds_the_server_up_again(sim: Simulation, person: Person) -> None:
    booted = sim.hosts[0].booted_at
    person.send("reboot")
    person.log_in()
    person.expect(person.prompt)
    assert sim.hosts[0].booted_at > booted
    until(lambda: "xs-01" in person.type("xe host-list"))


def test_xe_on_a_member_asks_the_coordinator(sim: Simulation) -> None:
    member, master = sim.hosts
    joined(sim, member, master)
    until(lambda: member.settled)
    with standing_before(sim, member) as person:
        assert person.type("xe host-list params=name-label --minimal").strip().split(",") == ["xs-02", "xs-01"]


def test_xe_on_a_member_that_is_cut_off_hangs_but_the_emergency_commands_answer(sim: Simulation) -> None:
    """Network.md 4.2, point 3: useless while cut off, except emergency calls."""
    member, master = sim.hosts
    joined(sim, member, master)
    until(lambda: member.settled)
    sim.world.power_off(master)
    with standing_before(sim, member) as person:
        person.send("xe pif-list")
        assert person.hears_nothing()
        person.interrupt()
        person.expect(person.prompt)
        assert person.type("xe host-is-in-emergency-mode") == "false\n"
