import stat
from pathlib import Path

import pytest

from launcher.keys import ensure_keys
from launcher.state import start_over, state_directory
from launcher.terminal import CannotStartError


def test_a_new_state_directory_is_private(directory: Path) -> None:
    with state_directory(directory / "a" / "b") as state:
        assert stat.S_IMODE(state.stat().st_mode) == 0o700


def test_a_directory_with_strange_contents_is_refused_and_left_alone(directory: Path) -> None:
    (directory / "thesis.tex").write_text("years of work")
    with pytest.raises(CannotStartError, match=r"holds thesis\.tex"), state_directory(directory):
        pass
    assert [entry.name for entry in directory.iterdir()] == ["thesis.tex"]


def test_a_second_launcher_is_refused_and_told_who_runs(directory: Path) -> None:
    with (
        state_directory(directory),
        pytest.raises(CannotStartError, match=r"already runs on .*process [0-9]+"),
        state_directory(directory),
    ):
        pass
    with state_directory(directory):
        pass


def test_starting_over_removes_only_what_xenweb_made(directory: Path) -> None:
    outside = directory / "outside"
    outside.mkdir()
    (outside / "precious").touch()
    with state_directory(directory / "var") as state:
        (state / "postgres").symlink_to(outside)
        (state / "static").mkdir()
        (state / "static" / "old.css").touch()
        (state / "lab").mkdir()
        (state / "lab" / "state.json").touch()
        start_over(state)
        assert sorted(entry.name for entry in state.iterdir()) == ["lock", "log"]
    assert (outside / "precious").exists()


def test_keys_are_made_once_and_private(directory: Path) -> None:
    keys = directory / "keys"
    ensure_keys(keys)
    first = {path.name: path.read_text() for path in keys.iterdir()}
    ensure_keys(keys)
    assert {path.name: path.read_text() for path in keys.iterdir()} == first
    assert set(first) == {"secret_key", "credential_keys", "audit_key"}
    assert {stat.S_IMODE(path.stat().st_mode) for path in keys.iterdir()} == {0o600}
    assert min(map(len, first.values())) >= 40
