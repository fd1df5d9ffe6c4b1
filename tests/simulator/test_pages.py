"""What the simulator's pages name is there: tests, rows, modules. Nobody else notices when it is renamed."""

import re
from pathlib import Path

import pytest

from tests.simulator.conformance.runner import all_rows

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs/simulator").glob("*.md"))
TESTS = {path: path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("*.py")}
FILES = {path.name for path in TESTS}
FUNCTIONS = set(re.findall(r"def (test_\w+)", "\n".join(TESTS.values())))
ROWS = {row.id for row in all_rows()}
PREFIXES = "join|eject|emergency|roles|forward|host|forget|dead|ha|operations|evacuate"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_test_row_and_module_that_a_page_names_exists(page: Path) -> None:
    words = set(re.findall(r"`([^`\s]+)`", page.read_text(encoding="utf-8")))
    files = {word.rpartition("/")[2] for word in words if re.fullmatch(r"(.*/)?(test|rows)_\w+\.py", word)}
    modules = {word for word in words if re.fullmatch(r"simulator/\w[\w/]*(\.py)?", word)}
    assert {word for word in words if re.fullmatch(r"test_\w+", word)} - FUNCTIONS == set()
    assert files - FILES == set()
    assert {module for module in modules if not (ROOT / module).exists()} == set()


def test_every_row_that_the_list_of_deduced_statements_names_exists() -> None:
    words = set(re.findall(rf"`((?:{PREFIXES})-[\w.-]+)`", (ROOT / "docs/simulator/deduced.md").read_text("utf-8")))
    assert len(words) > 2
    assert words - ROWS == set()


def test_every_deduced_statement_about_pools_has_a_test() -> None:
    """pool.md marks sixteen."""
    text = (ROOT / "docs/simulator/deduced.md").read_text("utf-8").partition("## pool.md")[2].partition("\n## ")[0]
    rows = [line for line in text.splitlines() if re.match(r"\| \d", line)]
    assert len(rows) == 16
    assert [row for row in rows if "`test_" not in row] == []
