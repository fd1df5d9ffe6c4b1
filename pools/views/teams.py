"""Teams: people who share roles."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from pools.access import needs_on_estate, signed_in
from pools.forms.people import MemberForm, RoleForm, TeamForm
from pools.models import Role, Team, User
from pools.services import teams
from pools.services.errors import ServiceError
from pools.views.people import GRANTS, attempt, give


@needs_on_estate(Role.OWNER)
@require_http_methods(["GET", "HEAD", "POST"])
def team_add(request: HttpRequest) -> HttpResponse:
    """Make a team."""
    form = TeamForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            return redirect("team", pk=teams.add_team(by=signed_in(request), name=form.cleaned_data["name"]).pk)
        except ServiceError as error:
            form.add_error("name", str(error))
    return render(request, "pools/team_add.html", {"form": form}, status=422 if form.errors else 200)


@needs_on_estate(Role.OWNER)
@require_safe
def team(request: HttpRequest, pk: int) -> HttpResponse:
    """One team: its people and its roles."""
    found = get_object_or_404(Team.objects.prefetch_related("members", GRANTS), pk=pk)
    context = {
        "team": found,
        "role_form": RoleForm(),
        "member_form": MemberForm(team=found),
        "name_form": TeamForm(initial={"name": found.name}),
    }
    return render(request, "pools/team.html", context)


@needs_on_estate(Role.OWNER)
@require_POST
def team_rename(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a team another name."""
    found = get_object_or_404(Team, pk=pk)
    form = TeamForm(request.POST)
    if form.is_valid():
        name = form.cleaned_data["name"]
        attempt(
            request, lambda: teams.rename_team(by=signed_in(request), team=found, name=name), "The team is renamed."
        )
    else:
        messages.error(request, "A team needs a name of at most 100 letters.")
    return redirect("team", pk=pk)


@needs_on_estate(Role.OWNER)
@require_POST
def team_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """End a team."""
    found = get_object_or_404(Team, pk=pk)
    done = f"The team {found} is deleted. Its people keep their own roles."
    gone = attempt(request, lambda: teams.delete_team(by=signed_in(request), team=found), done)
    return redirect("people") if gone else redirect("team", pk=pk)


@needs_on_estate(Role.OWNER)
@require_POST
def team_role(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a team a role."""
    give(request, get_object_or_404(Team, pk=pk))
    return redirect("team", pk=pk)


@needs_on_estate(Role.OWNER)
@require_POST
def team_member_add(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a person into a team."""
    found = get_object_or_404(Team, pk=pk)
    form = MemberForm(request.POST, team=found)
    if form.is_valid():
        person = form.cleaned_data["person"]
        added = f"{person} is now in {found}."
        attempt(request, lambda: teams.add_member(by=signed_in(request), team=found, person=person), added)
    else:
        messages.error(request, "Choose a person who is not in the team yet.")
    return redirect("team", pk=pk)


@needs_on_estate(Role.OWNER)
@require_POST
def team_member_remove(request: HttpRequest, pk: int, person: int) -> HttpResponse:
    """Take a person out of a team."""
    found = get_object_or_404(Team, pk=pk)
    member = get_object_or_404(User, pk=person, teams=found)
    done = f"{member} is no longer in {found}."
    attempt(request, lambda: teams.remove_member(by=signed_in(request), team=found, person=member), done)
    return redirect("team", pk=pk)
