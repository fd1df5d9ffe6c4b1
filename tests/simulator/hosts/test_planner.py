"""The rules of an evacuation's plan, one by one (pool.md 5.2): no lab needed."""

import pytest

from simulator.xapi.host.evacuation.planner import Guest, Plan, Situation, Target, plan

ROOM = (Target(ref="b", free=8), Target(ref="c", free=6))
FINE = Guest(ref="vm", memory=4)


def _refused(*words: str) -> Plan:
    return Plan({}, {"vm": words})


@pytest.mark.parametrize(
    ("situation", "expected"),
    [
        (Situation(guests=(FINE,), targets=ROOM), Plan({"vm": "b"}, {})),
        (Situation(guests=(), targets=()), Plan({}, {})),
        (Situation(guests=(FINE,), targets=()), _refused("NO_HOSTS_AVAILABLE", "vm")),
        (Situation(guests=(Guest(ref="vm", memory=9),), targets=ROOM), _refused("HOST_NOT_ENOUGH_FREE_MEMORY", "vm")),
        (
            Situation(guests=(Guest(ref="vm", memory=1, protected=False),), targets=ROOM, ha=True),
            _refused("HOST_EVACUATE_VM_NOT_HA_PROTECTED", "vm"),
        ),
        (
            Situation(guests=(Guest(ref="vm", memory=1, protected=False),), targets=ROOM, ha=True, old_ha_error=True),
            _refused("HOST_NOT_ENOUGH_FREE_MEMORY", "vm"),
        ),
        (
            Situation(guests=(Guest(ref="vm", memory=1, unplaceable=("VM_REQUIRES_SR", "vm", "sr")),), targets=ROOM),
            _refused("VM_REQUIRES_SR", "vm", "sr"),
        ),
    ],
)
def test_each_rule_of_the_plan(situation: Situation, expected: Plan) -> None:
    assert plan(situation) == expected


def test_a_later_rule_overwrites_an_earlier_one() -> None:
    guest = Guest(ref="vm", memory=99, protected=False, unplaceable=("A", "vm"), unmovable=("B", "vm"))
    assert plan(Situation(guests=(guest,), targets=ROOM, ha=True)) == _refused("B", "vm")


def test_without_any_host_no_other_rule_is_asked() -> None:
    guest = Guest(ref="vm", memory=1, unmovable=("B", "vm"))
    assert plan(Situation(guests=(guest,), targets=())) == _refused("NO_HOSTS_AVAILABLE", "vm")


def test_the_largest_guests_are_placed_first_and_only_the_rest_lacks_room() -> None:
    guests = tuple(Guest(ref=name, memory=size) for name, size in (("s", 3), ("l", 8), ("m", 5)))
    found = plan(Situation(guests=guests, targets=ROOM))
    assert found.moves == {"l": "b", "m": "c"}
    assert found.refusals == {"s": ("HOST_NOT_ENOUGH_FREE_MEMORY", "s")}
