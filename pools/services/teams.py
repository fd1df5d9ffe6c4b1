"""Teams: people who share roles."""

from django.db import IntegrityError, transaction

from pools.models import Team, User
from pools.services import audit
from pools.services.errors import WrongState
from pools.services.people import assert_may_change, changing_people, end_sessions


@changing_people
def add_team(*, by: User | None, name: str) -> Team:
    """Make an empty team."""
    team = Team(name=name)
    _save(team)
    audit.record(actor=by, action="team.added", subject=name)
    return team


@changing_people
def rename_team(*, by: User, team: Team, name: str) -> None:
    """Give a team another name."""
    before, team.name = team.name, name
    _save(team)
    audit.record(actor=by, action="team.renamed", subject=name, data={"before": before})


@changing_people
def delete_team(*, by: User, team: Team) -> None:
    """End a team; its people lose the roles that came with it."""
    members = list(team.members.all())
    assert_may_change(by, *members)
    team.delete()
    end_sessions(*members)
    audit.record(
        actor=by, action="team.deleted", subject=team.name, data={"members": [person.username for person in members]}
    )


@changing_people
def add_member(*, by: User | None, team: Team, person: User) -> None:
    """Put a person in a team: he has its roles from now on."""
    assert_may_change(by, person)
    team.members.add(person)
    audit.record(actor=by, action="team.member_added", subject=team.name, data={"person": person.username})


@changing_people
def remove_member(*, by: User, team: Team, person: User) -> None:
    """Take a person out of a team, and end his sessions."""
    assert_may_change(by, person)
    team.members.remove(person)
    end_sessions(person)
    audit.record(actor=by, action="team.member_removed", subject=team.name, data={"person": person.username})


def _save(team: Team) -> None:
    try:
        with transaction.atomic():
            team.save()
    except IntegrityError as error:
        raise WrongState(f"There is a team named “{team.name}” already.") from error
