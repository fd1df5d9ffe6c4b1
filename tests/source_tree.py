"""The repository's own files, as the architecture tests read them."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("xenweb", "pools", "simulator", "launcher", "benchmarks", "tests")
Function = ast.FunctionDef | ast.AsyncFunctionDef


def python_files() -> list[Path]:
    found = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
    return sorted(path for path in [ROOT / "manage.py", *found] if "migrations" not in path.parts)


def page_files() -> list[Path]:
    return sorted((ROOT / "templates").rglob("*.html"))


def asset_files() -> list[Path]:
    return sorted(path for path in (ROOT / "static").rglob("*") if path.suffix in {".css", ".js"})


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def functions(path: Path) -> Iterator[Function]:
    return (node for node in ast.walk(tree(path)) if isinstance(node, Function))


def length(function: Function) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def arguments(function: Function) -> int:
    """Count what a caller may pass; ``self`` and ``cls`` are not passed."""
    given = function.args
    names = [found.arg for found in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
    return len([found for found in names if found not in {"self", "cls"}])


def lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def matches(pattern: re.Pattern[str], paths: list[Path]) -> list[str]:
    """Return ``file:line: text`` for every hit, so that a failure names the place."""
    return [
        f"{name(path)}:{number}: {line.strip()[:100]}"
        for path in paths
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if pattern.search(line)
    ]
