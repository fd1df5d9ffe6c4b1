"""What the matrix test asks with: people in their browsers, and of each kind of object ours, theirs, none, nonsense."""

import uuid
from dataclasses import dataclass

from django.contrib.sessions.models import Session
from django.test import Client

from pools import archive
from pools.archive import Occasion
from pools.models import (
    Approval,
    Grant,
    NetworkSnapshot,
    Operation,
    OperationState,
    Pool,
    Probe,
    Role,
    Server,
    SnapshotReason,
    Step,
    Team,
    User,
)
from pools.xapi.inventory import Snapshot
from tests.fixtures.people import Places, make_person

MISSING_PK = "999999999"
MISSING_UUID = "00000000-0000-4000-8000-000000000000"
KEYS_OF_UUIDS = {"operation", "batch"}


@dataclass(frozen=True)
class Visitor:
    """A browser, and what its person holds: on our pool, on theirs, on the estate; signed_in=False: nobody."""

    browser: Client
    ours: int = 0
    theirs: int = 0
    estate: int = 0
    signed_in: bool = True

    @property
    def somewhere(self) -> int:
        return max(self.ours, self.theirs, self.estate)


@dataclass(frozen=True)
class World:
    """``objects[kind]`` is the pair of ours and theirs."""

    visitors: dict[str, Visitor]
    objects: dict[str, tuple[str, str]]

    def named(self, kind: str, place: str) -> str:
        """Return what stands in the URL for an object of this kind."""
        own, other = self.objects[kind]
        missing = MISSING_UUID if kind in KEYS_OF_UUIDS else MISSING_PK
        return {"own": own, "other": other, "missing": missing, "malformed": "nonsense"}[place]


def make_world(places: Places) -> World:
    """Make the people and the objects."""
    alice = make_person("alice", Role.OWNER)
    alice.is_staff = True
    alice.save()
    charlie = make_person("charlie")
    team = Team.objects.create(name="Another team")
    team.members.add(charlie)
    Grant.objects.create(team=team, pool=places.theirs, role=Role.ADMINISTRATOR)
    members = {name: make_person(name, role, places.ours) for name, role in ROLES.items()}
    visitors = {
        "anonymous": Visitor(new_browser(), signed_in=False),
        "owner": Visitor(browser_of(alice), Role.OWNER, Role.OWNER, Role.OWNER),
        "other team": Visitor(browser_of(charlie), theirs=Role.ADMINISTRATOR),
        "inactive": Visitor(disabled(make_person("inactive", Role.ADMINISTRATOR, places.ours)), signed_in=False),
        "expired session": Visitor(expired(browser_of(members["operator"])), signed_in=False),
    }
    visitors |= {name: Visitor(browser_of(person), ours=ROLES[name]) for name, person in members.items()}
    return World(visitors, make_objects(places, members["operator"], charlie, alice))


ROLES = {"viewer": Role.VIEWER, "operator": Role.OPERATOR, "administrator": Role.ADMINISTRATOR}


def make_objects(places: Places, bob: User, charlie: User, alice: User) -> dict[str, tuple[str, str]]:
    """Make a pair of each kind; people, teams and roles are the owner's business, so both are his."""
    dana = make_person("dana", Role.OPERATOR, places.theirs)
    ours, theirs = make_operation(places.ours, bob), make_operation(places.theirs, charlie)
    asked = [make_operation(places.ours, bob, waiting=True), make_operation(places.theirs, dana, waiting=True)]
    approvals = [
        Approval.objects.create(operation=each, plan_hash="a" * 64, asked_by=each.created_by) for each in asked
    ]
    probes = [make_probe(alice), make_probe(make_person("another owner"))]
    team = Team.objects.create(name="Our team")
    team.members.add(bob)
    other = Team.objects.get(name="Another team")
    grants = [Grant.objects.get(user=bob), Grant.objects.get(team=other)]
    first = [pool.servers.get() for pool in (places.ours, places.theirs)]
    return {
        "pool": (str(places.ours.pk), str(places.theirs.pk)),
        "server": (str(first[0].pk), str(first[1].pk)),
        "operation": (str(ours.pk), str(theirs.pk)),
        "approval": (str(approvals[0].pk), str(approvals[1].pk)),
        "snapshot": (str(make_snapshot(first[0]).pk), str(make_snapshot(first[1]).pk)),
        "batch": (str(probes[0].batch), str(probes[1].batch)),
        "probe": (str(probes[0].pk), str(probes[1].pk)),
        "person": (str(bob.pk), str(charlie.pk)),
        "team": (str(team.pk), str(other.pk)),
        "grant": (str(grants[0].pk), str(grants[1].pk)),
        "member": (str(bob.pk), str(charlie.pk)),
    }


def make_operation(pool: Pool, by: User, *, waiting: bool = False) -> Operation:
    """Make a planned operation of one step, or one that waits for approval."""
    state = OperationState.AWAITING_APPROVAL if waiting else OperationState.PLANNED
    operation = Operation.objects.create(
        kind="pool_create", title="Create pool", state=state, pool=pool, plan_hash="a" * 64, created_by=by
    )
    operation.servers.set(pool.servers.all())
    Step.objects.create(operation=operation, seq=1, kind="NamePool", title="Name the pool")
    return operation


def make_snapshot(server: Server) -> NetworkSnapshot:
    """Keep what a pool says that does not know the server: not complete, but there."""
    return archive.keep(Snapshot(), server, Occasion(reason=SnapshotReason.NIGHTLY))


def make_probe(owner: User) -> Probe:
    """Make a probe that failed; it belongs to who began it."""
    return Probe.objects.create(batch=uuid.uuid4(), address="10.0.0.9", login=b"x", owner=owner, state="failed")


def new_browser() -> Client:
    """Return a browser for which a crash of the server is an answer with 500, as in life."""
    return Client(raise_request_exception=False)


def browser_of(person: User) -> Client:
    browser = new_browser()
    browser.force_login(person)
    return browser


def disabled(person: User) -> Client:
    """Sign somebody in, then disable the account."""
    browser = browser_of(person)
    User.objects.filter(pk=person.pk).update(is_active=False)
    return browser


def expired(browser: Client) -> Client:
    """Let the server forget the session."""
    Session.objects.filter(session_key=browser.session.session_key).delete()
    return browser
