"""Steps are stored by the name of their class: two of one name would be restored as each other."""

from collections import Counter

from pools.operations import step
from pools.operations.registry import STEPS


def every_class(cls: type[step.Step]) -> list[type[step.Step]]:
    """Itself left out: it is nobody's step."""
    return [found for child in cls.__subclasses__() for found in (child, *every_class(child))]


def test_no_two_steps_have_one_name() -> None:
    root: type[step.Step] = step.ReversibleStep.__mro__[1]
    ours = {cls for cls in every_class(root) if cls.__module__.startswith("pools.")}
    names = Counter(cls.__name__ for cls in ours)
    assert {name for name, count in names.items() if count > 1} == set()


def test_a_registered_name_is_its_own_class() -> None:
    assert [name for name, cls in STEPS.items() if cls.__name__ != name] == []
