"""People: who may sign in, and which roles each holds."""

from collections.abc import Callable

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Prefetch, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from pools.access import needs_on_estate, signed_in
from pools.forms.people import PasswordForm, PersonForm, RoleForm
from pools.models import Grant, Role, Team, User
from pools.services import people
from pools.services.errors import ServiceError

PAGE = 50
GRANTS = Prefetch("grants", Grant.objects.select_related("pool__coordinator").order_by("-role", "pk"))
TEAM_GRANTS = Prefetch("teams__grants", Grant.objects.select_related("pool__coordinator"))


@needs_on_estate(Role.OWNER)
@require_safe
def people_list(request: HttpRequest) -> HttpResponse:
    """Everybody with his roles, and the teams."""
    query = request.GET.get("q", "").replace("\0", "").strip()[:100]
    page = Paginator(found_people(query), PAGE).get_page(request.GET.get("page"))
    teams = list(Team.objects.prefetch_related("members", GRANTS))
    grants = {team.pk: list(team.grants.all()) for team in teams}
    rows = [
        {"person": person, "by_teams": [grant for team in person.teams.all() for grant in grants.get(team.pk, [])]}
        for person in page
    ]
    context = {"page": page, "rows": rows, "teams": teams, "query": query}
    return render(request, "pools/people.html", context)


def found_people(query: str) -> QuerySet[User]:
    """People whose name contains the query."""
    names = Q(username__icontains=query) | Q(first_name__icontains=query) | Q(last_name__icontains=query)
    return User.objects.filter(names).order_by("-is_active", "username").prefetch_related(GRANTS, "teams")


@needs_on_estate(Role.OWNER)
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def person_add(request: HttpRequest) -> HttpResponse:
    """Make an account; its password is shown once, in the answer itself, and stored nowhere."""
    form = PersonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            return shown_once(request, people.add_with_role(by=signed_in(request), **form.cleaned_data))
        except ServiceError as error:
            form.add_error(None, str(error))
    return render(request, "pools/people_add.html", {"form": form}, status=422 if form.errors else 200)


@needs_on_estate(Role.OWNER)
@require_safe
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """One person: roles, teams, and what an owner may do with the account."""
    return person_page(request, pk, PasswordForm())


def person_page(request: HttpRequest, pk: int, password_form: PasswordForm) -> HttpResponse:
    found = get_object_or_404(User.objects.prefetch_related(GRANTS, TEAM_GRANTS), pk=pk)
    context = {
        "person": found,
        "role_form": RoleForm(),
        "password_form": password_form,
        "is_self": found.pk == request.user.pk,
        "has_second_factor": people.has_second_factor(found),
    }
    return render(request, "pools/people_person.html", context, status=422 if password_form.errors else 200)


@needs_on_estate(Role.OWNER)
@require_POST
def person_disable(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep a person out."""
    found = get_object_or_404(User, pk=pk)
    attempt(request, lambda: people.disable(by=signed_in(request), person=found), f"{found} can no longer sign in.")
    return redirect("person", pk=pk)


@needs_on_estate(Role.OWNER)
@require_POST
def person_enable(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a person in again."""
    found = get_object_or_404(User, pk=pk)
    attempt(request, lambda: people.enable(by=signed_in(request), person=found), f"{found} can sign in again.")
    return redirect("person", pk=pk)


@needs_on_estate(Role.OWNER)
@sensitive_post_parameters("password")
@require_POST
def person_password(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a person a new password and end his sessions; a made-up one is shown once."""
    found = get_object_or_404(User, pk=pk)
    form = PasswordForm(request.POST)
    if form.is_valid():
        try:
            return shown_once(request, people.set_password(by=signed_in(request), person=found, **form.cleaned_data))
        except ServiceError as error:
            form.add_error("password", str(error))
    return person_page(request, pk, form)


@needs_on_estate(Role.OWNER)
@require_POST
def person_factor_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Let in somebody who lost his second factor."""
    found = get_object_or_404(User, pk=pk)
    done = f"{found} signs in with the password alone until a new second factor is set up."
    attempt(request, lambda: people.remove_second_factor(by=signed_in(request), person=found), done)
    return redirect("person", pk=pk)


@needs_on_estate(Role.OWNER)
@require_POST
def person_role(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a person a role."""
    give(request, get_object_or_404(User, pk=pk))
    return redirect("person", pk=pk)


@needs_on_estate(Role.OWNER)
@require_POST
def role_take(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a role from the person or team that holds it."""
    grant = get_object_or_404(Grant.objects.select_related("user", "team", "pool__coordinator"), pk=pk)
    attempt(request, lambda: people.take_role(by=signed_in(request), grant=grant), "The role is taken away.")
    return redirect("person", pk=grant.user_id) if grant.user_id else redirect("team", pk=grant.team_id)


def give(request: HttpRequest, to: User | Team) -> None:
    """Give the role of the form to a person or a team."""
    form = RoleForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Choose a role, and a pool or the whole estate.")
        return
    role, pool = Role(form.cleaned_data["role"]), form.cleaned_data["pool"]
    done = f"{to} is now {role.label.lower()} on {pool or 'the whole estate'}."
    attempt(request, lambda: people.give_role(by=signed_in(request), to=to, role=role, pool=pool), done)


def attempt(request: HttpRequest, service: Callable[[], object], done: str) -> bool:
    """Call a service and tell the person how it went."""
    try:
        service()
    except ServiceError as error:
        messages.error(request, str(error))
        return False
    messages.success(request, done)
    return True


def shown_once(request: HttpRequest, made: people.NewPassword) -> HttpResponse:
    """Answer with the password itself: a redirect would have to keep it somewhere."""
    return render(request, "pools/people_password.html", {"person": made.person, "password": made.password})
