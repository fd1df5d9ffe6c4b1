"""`python -m simulator --list-scenes`: every scene, and what it holds."""

import sys

import pytest

from simulator.__main__ import main
from simulator.scenes.loader import load, names


def test_each_scene_is_listed_with_its_description(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["simulator", "--list-scenes"])
    assert main() == 0
    lines = [line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines()]
    assert lines == [[name, load(name).description] for name in names()]
    assert all(description.endswith(".") for _, description in lines)
