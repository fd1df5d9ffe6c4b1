"""Certificates kept in a folder: found again, the newest wins, and the folder is read once."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from simulator.wire import certificates as wire
from simulator.world.certificates import certificate_for

ADDRESS = "127.64.0.1"


def written_at(moment: int, *paths: Path) -> None:
    """The clock of a file system may be too coarse to tell what a test does in a row."""
    for path in paths:
        os.utime(path, (moment, moment))


def test_the_newest_certificate_of_an_address_is_found_again(tmp_path: Path) -> None:
    certificate_for(tmp_path, "xs-01", ADDRESS)
    newer = certificate_for(tmp_path, "xs-01", ADDRESS, fresh=True)
    assert certificate_for(tmp_path, "xs-01", ADDRESS) == newer
    assert certificate_for(tmp_path, "xs-02", "127.64.0.2") != newer


def test_what_another_process_wrote_or_removed_is_noticed(tmp_path: Path) -> None:
    ours = certificate_for(tmp_path, "xs-01", ADDRESS)
    theirs = wire.make_certificate(tmp_path, "xs-01", ADDRESS)
    written_at(1000, ours.certificate)
    written_at(2000, tmp_path)
    assert certificate_for(tmp_path, "xs-01", ADDRESS) == theirs
    theirs.key.unlink()
    written_at(3000, tmp_path)
    assert certificate_for(tmp_path, "xs-01", ADDRESS) == ours


def test_the_certificates_of_the_others_are_not_read_for_each_host(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(8):
        wire.make_certificate(tmp_path, f"old-{number}", f"127.64.1.{number}")
    listed: list[str] = []
    glob = Path.glob

    def counted(folder: Path, pattern: str) -> Iterator[Path]:
        listed.append(pattern)
        return glob(folder, pattern)

    monkeypatch.setattr(Path, "glob", counted)
    for number in range(8):
        certificate_for(tmp_path, f"xs-{number}", f"127.64.0.{number}")
    assert listed == ["*.pem"]
