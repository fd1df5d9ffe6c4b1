"""Every wizard and its pages, in order: a wizard is one entry of the table at the end of this file."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from django.db import transaction

from pools.models import Operation, OperationState, Server, User
from pools.operations.fixes.fix import Fix
from pools.operations.fixes.registry import FIXES
from pools.services import examination, host_add, host_remove, operations, overview, planning, pool_create, whole_pool
from pools.services.errors import WrongState

Draft = Mapping[str, object]
Store = Callable[[Sequence[Server]], Operation]


class ChooseServers(Protocol):
    """Store the servers that were chosen in a draft."""

    def __call__(self, *, operation: Operation, user: User, servers: Sequence[Server]) -> Operation: ...


class Follow(Protocol):
    """Give a draft the coordinator that its pool has now."""

    def __call__(self, *, operation: Operation, user: User) -> Operation: ...


@dataclass(frozen=True, kw_only=True)
class Page:
    """A page of a wizard: the URL is ``wizard_<name>``; ``answered`` tells whether a draft holds what it asks.

    ``keys``: the draft's answers that this page gives.
    """

    name: str
    title: str
    keys: tuple[str, ...] = ()
    answered: Callable[[Draft], bool] = lambda _draft: True


@dataclass(frozen=True, kw_only=True)
class Wizard:
    """A kind of operation that is put together page by page. ``fewest``: so many servers have to be chosen.

    ``follow``: every page names the pool, which was given from the beginning; its coordinator may change meanwhile.
    ``joint``: how title and pool are said in one breath. ``findings``: the page that says what forbids a plan.
    ``asks_pool``: whether there is no plan while the pool’s coordinator does not answer.
    """

    title: str
    follow: Follow | None = None
    joint: str = "to"
    findings: str = "checks"
    asks_pool: bool = True
    pages: tuple[Page, ...]
    choose_servers: ChooseServers
    candidates: Callable[[User], list[overview.PoolView]]
    fewest: int = 1
    too_few: str = "Choose at least one server."

    @property
    def names(self) -> list[str]:
        return [page.name for page in self.pages]

    def first_open(self, draft: Draft) -> str:
        """Return the first page whose answer is missing; the last one asks nothing."""
        return next((page.name for page in self.pages if not page.answered(draft)), self.names[-1])

    def comes_too_early(self, name: str, draft: Draft) -> bool:
        """Whether an answer is missing that this page builds on."""
        return self.names.index(self.first_open(draft)) < self.names.index(name)

    def keys_of(self, name: str) -> tuple[str, ...]:
        """Return the draft's answers that a page gives."""
        return next(page.keys for page in self.pages if page.name == name)

    def after(self, name: str) -> str:
        """Return the page that Continue leads to."""
        return self.names[min(self.names.index(name) + 1, len(self.pages) - 1)]


def wizard_of(operation: Operation) -> Wizard:
    """Return the wizard that an operation was begun in."""
    return WIZARDS[operation.kind]


def next_page(operation: Operation) -> str:
    """Return the first page whose answer is missing."""
    return wizard_of(operation).first_open(operation.draft)


@transaction.atomic
def go_on(*, operation: Operation, user: User, after: str) -> str:
    """Say which page follows; when that is the plan, and nothing is missing, it is made at once."""
    following = wizard_of(operation).after(after)
    if following == next_page(operation) == "plan" and operation.state == OperationState.DRAFT:
        planning.ask(operation=operation, user=user)
    return following


@transaction.atomic
def examine_again(*, operation: Operation, user: User, again: Collection[str] = (), **changes: object) -> Operation:
    """Read every server, or only some ``again``, perhaps with another choice; a plan made from older facts goes."""
    saved = operations.save_draft(operation=of_now(operation, user), user=user, changes=planning.NOT_ASKED | changes)
    if not saved.draft.get("coordinator"):
        raise WrongState("Choose the servers first: there is nothing to examine yet.")
    examination.ask(operation=saved, user=user, again=again, anew=bool(changes))
    return saved


def choose_ha(*, operation: Operation, user: User, switched: bool) -> Operation:
    """Store whether the pool's HA is switched off meanwhile and on again afterwards; the findings follow."""
    return examine_again(operation=operation, user=user, ha=switched)


@transaction.atomic
def plan_again(*, operation: Operation, user: User) -> Operation:
    """Make the plan anew from the facts of now."""
    return planning.ask_again(operation=of_now(operation, user), user=user)


def of_now(operation: Operation, user: User) -> Operation:
    """Return the draft with the coordinator that its pool has now."""
    follow = wizard_of(operation).follow
    if follow is None or operation.state not in operations.EDITABLE:
        return operation
    return follow(operation=operation, user=user)


def holds(key: str, fewest: int = 1) -> Callable[[Draft], bool]:
    """Whether a draft holds an answer; of several at least so many."""

    def held(draft: Draft) -> bool:
        value = draft.get(key)
        return len(value) >= fewest if isinstance(value, list) else bool(value)

    return held


def into_a_pool(draft: Draft) -> bool:
    """Whether servers are chosen, and the pool that they join or leave is there."""
    return bool(draft.get("servers") and draft.get("coordinator"))


COORDINATOR = Page(name="coordinator", title="Coordinator", keys=("coordinator",), answered=holds("coordinator"))
CHECKS = Page(name="checks", title="Checks")
NETWORK = Page(
    name="network",
    title="Network",
    keys=("typed_addresses", "elsewhere"),
    answered=lambda draft: not draft.get("addresses_open"),
)
NAME = Page(name="name", title="Name", keys=("name", "description"), answered=holds("name"))
PLAN = Page(name="plan", title="Plan")
WHAT = Page(name="fix", title="What")
LOSSES = Page(
    name="losses",
    title="Losses",
    keys=("decisions", "accepted", "vm_targets"),
    answered=lambda draft: draft.get("losses_open") == 0,
)
RETURN = Page(
    name="return",
    title="Comes back as",
    keys=("rebuild", "new_password", "not_trusted", "ha", "next_coordinator"),
    answered=lambda draft: bool(draft.get("return_answered")),
)


def stays(*, operation: Operation, user: User) -> Operation:
    """A draft about a dead server names who was the coordinator; the pool cannot always be asked."""
    return operation


SILENCE = Page(
    name="silence",
    title="Evidence",
    keys=("stated_dead", "next_coordinator", "forget_host", "forget_srs", "remove_vms", "start_vms"),
    answered=holds("stated_dead"),
)


def nobody(_user: User) -> list[overview.PoolView]:
    """The server of a fix is that of its finding, those that leave are their pool's: there is none to choose from."""
    return []


def fix_wizard(fix: Fix) -> Wizard:
    """Return the two pages of a fix: what it does, and its plan."""
    return Wizard(title=fix.title, pages=(WHAT, PLAN), choose_servers=pool_create.choose_servers, candidates=nobody)


WIZARDS: Mapping[str, Wizard] = {
    "pool_create": Wizard(
        title="Create pool",
        pages=(
            Page(name="servers", title="Servers", keys=("servers",), answered=holds("servers", fewest=2)),
            COORDINATOR,
            CHECKS,
            NETWORK,
            NAME,
            PLAN,
        ),
        choose_servers=pool_create.choose_servers,
        candidates=pool_create.candidates,
        fewest=2,
        too_few="Choose at least two servers: one coordinates, the others join it.",
    ),
    "host_add": Wizard(
        title="Add servers",
        follow=host_add.follow_coordinator,
        pages=(Page(name="servers", title="Servers", keys=("servers",), answered=into_a_pool), CHECKS, NETWORK, PLAN),
        choose_servers=host_add.choose_servers,
        candidates=pool_create.candidates,
        too_few="Choose the servers that are to join the pool.",
    ),
    "host_remove": Wizard(
        title="Remove servers",
        follow=host_remove.follow_coordinator,
        joint="from",
        findings="losses",
        pages=(
            Page(name="leaving", title="Servers", keys=("servers",), answered=into_a_pool),
            LOSSES,
            RETURN,
            PLAN,
        ),
        choose_servers=host_remove.choose_servers,
        candidates=nobody,
        too_few="Choose the servers that are to leave the pool.",
    ),
    "host_forget": Wizard(
        title="Forget a dead server",
        joint="of",
        follow=stays,
        findings="silence",
        pages=(SILENCE, PLAN),
        choose_servers=pool_create.choose_servers,
        candidates=nobody,
    ),
    "coordinator_promote": Wizard(
        title="Replace a dead coordinator",
        joint="of",
        follow=stays,
        findings="silence",
        asks_pool=False,
        pages=(SILENCE, PLAN),
        choose_servers=pool_create.choose_servers,
        candidates=nobody,
    ),
    "network_rebuild": Wizard(
        title="Rebuild a network",
        findings="rebuild",
        pages=(Page(name="rebuild", title="What", keys=("items",), answered=holds("items")), PLAN),
        choose_servers=pool_create.choose_servers,
        candidates=nobody,
    ),
    "password_change": Wizard(
        title="Change a password",
        joint="of",
        findings="password",
        pages=(Page(name="password", title="New password", answered=holds("password_kept")), PLAN),
        choose_servers=pool_create.choose_servers,
        candidates=nobody,
    ),
    "pool_cleanup": Wizard(
        title="Clean-up",
        joint="of",
        follow=whole_pool.follow_coordinator,
        findings="cleanup",
        pages=(
            Page(
                name="cleanup",
                title="Left over",
                keys=("items", "settings"),
                answered=lambda draft: bool(draft.get("items") or draft.get("settings")),
            ),
            PLAN,
        ),
        choose_servers=pool_create.choose_servers,
        candidates=nobody,
    ),
    "secret_rotate": Wizard(
        title="New secret",
        joint="for",
        follow=whole_pool.follow_coordinator,
        findings="secret",
        pages=(Page(name="secret", title="What", keys=("ha",), answered=holds("secret_answered")), PLAN),
        choose_servers=pool_create.choose_servers,
        candidates=nobody,
    ),
    **{kind: fix_wizard(fix) for kind, fix in FIXES.items()},
}
