from pathlib import Path

import pytest

from launcher import environment


@pytest.fixture
def lock(directory: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(environment, "VENV", directory)
    path = directory / "requirements.txt"
    path.write_text("django==5.2.19\n")
    environment.stamp_of(path).write_text(environment.checksum(path))
    return path


def test_an_installed_lock_is_not_installed_again(lock: Path) -> None:
    assert environment.is_installed(lock)


def test_a_changed_lock_is_installed_again(lock: Path) -> None:
    lock.write_text("django==5.2.20\n")
    assert not environment.is_installed(lock)


def test_the_two_locks_have_stamps_of_their_own() -> None:
    assert environment.stamp_of(Path("requirements.txt")) != environment.stamp_of(Path("requirements-dev.txt"))
