"""Settings are read strictly: what is wrong stops the start with a sentence."""

import json
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from xenweb import env


@pytest.fixture
def described(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the lab's description would be."""
    path = tmp_path / "lab.json"
    monkeypatch.setenv("XENWEB_LAB", str(path))
    return path


def test_a_described_lab_is_a_lab(described: Path) -> None:
    lab = {"scene": "practice-lab", "hosts": [{"address": "127.1.0.1", "port": 4430}]}
    described.write_text(json.dumps(lab))
    assert env.lab() == lab


@pytest.mark.parametrize("value", ["", "off"])
def test_without_a_lab_there_is_none(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XENWEB_LAB", value)
    assert env.lab() is None


def test_a_missing_description_does_not_leave_practice_mode_silently(described: Path) -> None:
    with pytest.raises(ImproperlyConfigured, match=f"XENWEB_LAB.*{described}.*off"):
        env.lab()


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"hosts": []}', "null"])
def test_a_description_without_hosts_does_not_either(described: Path, text: str) -> None:
    described.write_text(text)
    with pytest.raises(ImproperlyConfigured, match="XENWEB_LAB"):
        env.lab()
