"""A person types a runbook at the console of a server, line by line, and reads what comes."""

from pools.snapshots.console import Section
from pools.snapshots.runbook import Runbook
from tests.pools.snapshots.ejecting import Ejected
from tests.simulator.console.person import Person, standing_before
from tests.simulator.waiting import until


def type_in(found: Ejected, runbook: Runbook) -> list[int]:
    """Type it as it stands; gives the numbers of the steps that were typed."""
    done: list[int] = []
    as_expected = True
    with standing_before(found.sim, found.leaver) as person:
        for step in runbook.steps:
            if step.section.optional and as_expected:
                continue
            as_expected = section(found, person, step.section)
            done.append(step.number)
    return done


def section(found: Ejected, person: Person, wanted: Section) -> bool:
    """Whether it showed what it should; no line may fail."""
    if wanted.answers:
        answer(found, person, wanted)
        return True
    shown = ""
    for line in wanted.lines:
        told = person.type(line)
        assert "Error" not in told, (line, told)
        shown += told
    assert person.type("echo $?") == "0\n", wanted
    return wanted.expects in shown


def answer(found: Ejected, person: Person, wanted: Section) -> None:
    """It asks, reboots, and wants a login again."""
    *lines, last = wanted.lines
    assert [person.type(line) for line in lines] == [""] * len(lines)
    person.send(last)
    person.expect("Type 'no' to cancel.\n")
    for each in wanted.answers:
        person.send(each)
    person.log_in()
    person.expect(person.prompt)
    until(lambda: found.leaver.settled)
