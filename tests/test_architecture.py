"""The house rules that a machine can count; docs/decisions/0001 and the reviewers know the others."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests import source_tree as source

MAY_SAY_ANY = {"pools/xapi/gateway.py", "pools/xapi/transport.py"}
MAY_SAY_ANY_BELOW = "simulator/wire/"
VAGUE_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "misc"}
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX)\b|NotImplementedError")
INLINE = re.compile(
    r"""<script(?![^>]*\bsrc=)[^>]*>|<style\b|\sstyle\s*=|\son[a-z]+\s*=\s*["']|javascript:|\bhx-on\b""", re.IGNORECASE
)
UNESCAPED = re.compile(r"\|\s*safe\b|\|\s*safeseq\b|autoescape\s+off")
UNESCAPED_PYTHON = re.compile(r"\bmark_safe\b|\bSafeString\(|__html__")
READ_SETTING = re.compile(
    r"""(?:\benv\.\w+|environ\.get|_env\.networks)\(\s*"([A-Z_]+)"|environ\["([A-Z_]+)"\]|"([A-Z_]+)" in os\.environ"""
)
DOCUMENTED_SETTING = re.compile(r"^\| `([A-Z_]+)`", re.MULTILINE)
PIN = re.compile(r"^([a-z0-9._-]+(?:\[[a-z,]+\])?)==(\S+)", re.MULTILINE | re.IGNORECASE)


def test_no_module_is_longer_than_400_lines() -> None:
    assert [source.name(path) for path in source.python_files() if source.lines(path) > 400] == []


def test_no_function_is_longer_than_40_lines_and_no_test_than_30() -> None:
    too_long = [
        f"{source.name(path)}:{function.name} ({source.length(function)})"
        for path in source.python_files()
        for function in source.functions(path)
        if source.length(function) > (30 if function.name.startswith("test_") else 40)
    ]
    assert too_long == []


def test_no_function_takes_more_than_5_arguments() -> None:
    too_many = [
        f"{source.name(path)}:{function.name} ({source.arguments(function)})"
        for path in source.python_files()
        if not source.name(path).startswith("tests/")
        for function in source.functions(path)
        if source.arguments(function) > 5
    ]
    assert too_many == []


def test_no_template_is_longer_than_120_lines() -> None:
    assert [source.name(path) for path in source.page_files() if source.lines(path) > 120] == []


def test_no_stylesheet_or_script_is_longer_than_200_lines() -> None:
    assert [source.name(path) for path in source.asset_files() if source.lines(path) > 200] == []


def test_no_page_has_inline_script_style_or_handlers() -> None:
    assert source.matches(INLINE, source.page_files()) == []


@pytest.mark.parametrize(
    "text",
    ["<script>", '<script type="module">', "<style>", '<p style="x">', '<b onclick="x">', "<a href='javascript:1'>"],
)
def test_the_search_for_inline_code_finds_it(text: str) -> None:
    assert INLINE.search(text)


def test_nothing_switches_escaping_off() -> None:
    product = [path for path in source.python_files() if source.name(path).startswith(("pools/", "xenweb/"))]
    assert source.matches(UNESCAPED, source.page_files()) == []
    assert source.matches(UNESCAPED_PYTHON, product) == []


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert [source.name(path) for path in source.python_files() if path.stem in VAGUE_NAMES] == []


def test_nothing_is_marked_as_unfinished() -> None:
    others = [path for path in source.python_files() if path != Path(__file__)]
    assert source.matches(UNFINISHED, [*others, *source.page_files(), *source.asset_files()]) == []


def test_any_is_said_only_where_the_wire_is() -> None:
    def imports_any(path: Path) -> bool:
        found = (node for node in ast.walk(source.tree(path)) if isinstance(node, ast.ImportFrom))
        return any(node.module == "typing" and "Any" in [name.name for name in node.names] for node in found)

    users = {source.name(path) for path in source.python_files() if imports_any(path)}
    assert {user for user in users - MAY_SAY_ANY if not user.startswith(MAY_SAY_ANY_BELOW)} == set()


def test_every_setting_is_documented_and_every_documented_setting_is_read() -> None:
    code = [path for path in source.python_files() if not source.name(path).startswith(("tests/", "simulator/"))]
    read = {"".join(found) for path in code for found in READ_SETTING.findall(path.read_text(encoding="utf-8"))}
    documented = set(DOCUMENTED_SETTING.findall((source.ROOT / "docs" / "settings.md").read_text(encoding="utf-8")))
    assert (read - documented, documented - read) == (set(), set())


def test_imports_point_down_only() -> None:
    program = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(cache_dir=None))"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=source.ROOT, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stdout


def test_both_locks_pin_the_same_versions() -> None:
    run, test = (
        dict(PIN.findall((source.ROOT / f"{name}.txt").read_text())) for name in ("requirements", "requirements-dev")
    )
    assert run
    assert {name: pin for name, pin in run.items() if test.get(name) != pin} == {}
