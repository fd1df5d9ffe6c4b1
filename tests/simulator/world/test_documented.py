"""docs/simulator/world.md names every fault, every step and every route."""

import re
from pathlib import Path

import pytest

import simulator
from simulator.autoload import load_everything
from simulator.world.control_routes import ROUTES
from simulator.world.faults import kinds

load_everything()
SOURCE = Path(simulator.__file__).parent
PAGE = (SOURCE.parent / "docs/simulator/world.md").read_text(encoding="utf-8")
STEP = re.compile(r'(?:\.step\(\w+, |Step\()"([^"]+)"')
STEPS = sorted({found for path in SOURCE.rglob("*.py") for found in STEP.findall(path.read_text(encoding="utf-8"))})


def test_every_fault_is_documented_with_an_example() -> None:
    assert [kind for kind in kinds() if f"`{kind}`" not in PAGE or f'{{"kind": "{kind}"' not in PAGE] == []


def test_every_step_is_documented() -> None:
    assert len(STEPS) > 20
    assert [step for step in STEPS if f"`{step}`" not in PAGE] == []


@pytest.mark.parametrize(("verb", "path"), ROUTES)
def test_every_route_is_documented(verb: str, path: str) -> None:
    assert f"| `{verb} {path}` |" in PAGE
