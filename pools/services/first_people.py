"""The first people: the owner that a command makes, and the sample people of the practice lab."""

import os
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction

from pools.models import Role, Team, User
from pools.services import audit, people, teams


@dataclass(frozen=True)
class Sample:
    """A person of the practice lab; who has a team gets his role through it."""

    username: str
    full_name: str
    role: Role
    word: str
    team: str = ""


SAMPLES = (
    Sample("olivia", "Olivia Owens", Role.OWNER, "owner"),
    Sample("adam", "Adam Adler", Role.ADMINISTRATOR, "administrator", "Platform"),
    Sample("jun", "Jun Jansen", Role.OPERATOR, "junior", "Juniors"),
    Sample("vera", "Vera Vogel", Role.VIEWER, "viewer", "Auditors"),
)


@transaction.atomic
def make_owner(*, username: str, full_name: str, password: str) -> User:
    """Make a person who owns the estate; run on the machine itself, so nobody has to be signed in."""
    made = people.add_person(by=None, username=username, full_name=full_name, password=password)
    made.person.is_staff = True
    made.person.save(update_fields=["is_staff"])
    people.give_role(by=None, to=made.person, role=Role.OWNER)
    return made.person


def make_samples(logins: Path) -> bool:
    """Make the sample people and note their passwords; False when that was done before."""
    names = [sample.username for sample in SAMPLES]
    if logins.is_file() and User.objects.filter(username__in=names).count() == len(names):
        return False
    with transaction.atomic():
        lines = [make_sample(sample) for sample in SAMPLES]
        write_privately(logins, "".join(lines))
    return True


def make_sample(sample: Sample) -> str:
    """Make one person, or give him a new password; returns his line for the file."""
    password = people.make_password()
    person, new = User.objects.get_or_create(username=sample.username)
    person.first_name, _, person.last_name = sample.full_name.partition(" ")
    person.is_active, person.is_staff = True, sample.role == Role.OWNER
    person.set_password(password)
    person.save()
    audit.record(actor=None, action="person.added" if new else "password.reset", subject=sample.username)
    if new:
        give_sample_role(sample, person)
    return f"{sample.word:<14} {sample.username:<8} {password}\n"


def give_sample_role(sample: Sample, person: User) -> None:
    """Give the role on the whole estate, by the person's team where there is one."""
    if not sample.team:
        people.give_role(by=None, to=person, role=sample.role)
        return
    team = Team.objects.filter(name=sample.team).first() or teams.add_team(by=None, name=sample.team)
    teams.add_member(by=None, team=team, person=person)
    people.give_role(by=None, to=team, role=sample.role)


def write_privately(path: Path, text: str) -> None:
    """Put a new file in place that only its owner can read."""
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    fresh.replace(path)
