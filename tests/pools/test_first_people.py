"""The commands that make the first people."""

import io
import stat
import sys
from pathlib import Path

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.test import RequestFactory
from pytest_django.fixtures import Settings

from pools.access import has_role
from pools.models import Role, User
from tests.fixtures.people import PASSWORD


@pytest.fixture
def logins(tmp_path: Path, settings: Settings) -> Path:
    settings.VAR_DIR = tmp_path
    settings.LAB = {"hosts": []}
    return tmp_path / "lab-logins.txt"


def typed(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))


def test_the_lab_has_a_person_for_each_role_and_their_logins_work(db: None, logins: Path) -> None:
    call_command("setup_lab", verbosity=0)
    lines = [line.split() for line in logins.read_text().splitlines()]
    assert [line[0] for line in lines] == ["owner", "administrator", "junior", "viewer"]
    roles = [Role.OWNER, Role.ADMINISTRATOR, Role.OPERATOR, Role.VIEWER]
    for (_, username, password), role in zip(lines, roles, strict=True):
        person = authenticate(RequestFactory().post("/"), username=username, password=password)
        assert isinstance(person, User)
        assert has_role(person, role)
        assert role == Role.OWNER or not has_role(person, Role(role + 1))


def test_the_logins_are_for_the_owner_of_the_file_alone(db: None, logins: Path) -> None:
    call_command("setup_lab", verbosity=0)
    assert stat.S_IMODE(logins.stat().st_mode) == 0o600


def test_a_second_start_changes_nobody(db: None, logins: Path) -> None:
    call_command("setup_lab", verbosity=0)
    before = logins.read_text(), list(User.objects.order_by("pk").values())
    call_command("setup_lab", verbosity=0)
    assert (logins.read_text(), list(User.objects.order_by("pk").values())) == before


def test_a_lost_file_is_made_again_with_new_passwords(db: None, logins: Path) -> None:
    call_command("setup_lab", verbosity=0)
    before = logins.read_text()
    logins.unlink()
    call_command("setup_lab", verbosity=0)
    assert logins.read_text() != before
    assert User.objects.count() == 4


def test_the_passwords_are_printed_nowhere(db: None, logins: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("setup_lab")
    printed = capsys.readouterr()
    for line in logins.read_text().splitlines():
        assert line.split()[2] not in printed.out + printed.err


def test_outside_the_lab_nobody_is_made(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XENWEB_LAB", "off")
    with pytest.raises(CommandError, match="not a practice lab"):
        call_command("setup_lab")
    assert not User.objects.exists()


def test_the_first_owner_is_made_with_a_password_from_standard_input(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    typed(monkeypatch, f"{PASSWORD}\n")
    call_command("create_owner", username="olga", verbosity=0)
    olga = authenticate(RequestFactory().post("/"), username="olga", password=PASSWORD)
    assert isinstance(olga, User)
    assert has_role(olga, Role.OWNER)


@pytest.mark.parametrize(
    ("username", "password"),
    [("olga", "short"), ("olga", ""), ("", PASSWORD), ("ol ga", PASSWORD), ("taken", PASSWORD)],
)
def test_a_bad_first_owner_is_refused_in_words(
    db: None, monkeypatch: pytest.MonkeyPatch, username: str, password: str
) -> None:
    User.objects.create_user("taken")
    typed(monkeypatch, f"{password}\n")
    with pytest.raises(CommandError):
        call_command("create_owner", username=username)
    assert User.objects.count() == 1
