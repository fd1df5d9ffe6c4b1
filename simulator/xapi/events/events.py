"""event.from: everything that changed since a token, one entry per object, in its latest state."""

import math
import re
import time
from dataclasses import dataclass, field

from simulator.database import MESSAGES, Changes, Database
from simulator.schema import Int32, schema
from simulator.xapi.errors import XapiError
from simulator.xapi.registry import Call, message
from simulator.xapi.tasks import only_tasks

TOKEN = re.compile(r"^(\d{1,20}),(\d{1,20})$")
FIRST_PAUSE = 0.003  # between two looks; each is twice the one before
SLICE = 1.0  # how often a blocked call looks whether its host still lives
DAY = 24 * 3600.0
Event = dict[str, object]


@dataclass(frozen=True)
class Token:
    """Two generations: of the database, and of the messages that live beside it."""

    database: int
    messages: int

    @classmethod
    def parse(cls, text: str) -> "Token":
        if not text:
            return cls(0, 0)
        match = TOKEN.match(text)
        if match is None:
            raise XapiError("EVENT_FROM_TOKEN_PARSE_FAILURE", text)
        return cls(int(match[1]), int(match[2]))

    def __str__(self) -> str:
        return f"{self.database:020d},{self.messages:020d}"


@dataclass(frozen=True)
class Subscription:
    """`*`, `class` or `class/ref`; unknown class names match nothing."""

    everything: bool
    classes: frozenset[str]
    objects: frozenset[tuple[str, str]]

    @classmethod
    def parse(cls, texts: list[str]) -> "Subscription":
        pairs = [text.partition("/") for text in texts]
        return cls(
            everything=any(text == "*" for text in texts),
            classes=frozenset(name.lower() for name, slash, _ in pairs if not slash),
            objects=frozenset((name.lower(), ref) for name, slash, ref in pairs if slash),
        )

    def tables(self) -> list[str]:
        """The classes to look at, in the model's order."""
        wanted = self.classes | {name for name, _ in self.objects}
        return [
            name
            for name, spec in schema().classes.items()
            if spec.events and spec.stored and (self.everything or name.lower() in wanted)
        ]

    def wants(self, cls: str, ref: str) -> bool:
        lower = cls.lower()
        return self.everything or lower in self.classes or (lower, ref) in self.objects


@dataclass
class Batch:
    """Order inside a batch: messages, adds, mods, dels."""

    messages: list[Event] = field(default_factory=list)
    adds: list[Event] = field(default_factory=list)
    mods: list[Event] = field(default_factory=list)
    dels: list[Event] = field(default_factory=list)

    @property
    def events(self) -> list[Event]:
        return self.messages + self.adds + self.mods + self.dels


def collect(database: Database, subscription: Subscription, since: Token) -> list[Event]:
    batch = Batch()
    for cls in subscription.tables():
        changes = database.changes(cls, since.messages if cls == MESSAGES else since.database)
        _collect_class(database, cls, _wanted(changes, cls, subscription), batch)
    return batch.events


def _wanted(changes: Changes, cls: str, subscription: Subscription) -> Changes:
    return Changes(
        added=[ref for ref in changes.added if subscription.wants(cls, ref)],
        modified=[ref for ref in changes.modified if subscription.wants(cls, ref)],
        deleted=[ref for ref in changes.deleted if subscription.wants(cls, ref)],
    )


def _collect_class(database: Database, cls: str, changes: Changes, batch: Batch) -> None:
    adds = batch.messages if cls == MESSAGES else batch.adds
    for refs, operation, target in ((changes.added, "add", adds), (changes.modified, "mod", batch.mods)):
        for ref in refs:
            number = 0 if cls == MESSAGES else database.written(cls, ref)
            event = _event(number, cls, operation, ref)
            event["snapshot"] = database.snapshot(cls, ref)
            target.append(event)
    number = 0 if cls == MESSAGES else database.generation
    batch.dels += [_event(number, cls, "del", ref) for ref in changes.deleted]


def _event(number: int, cls: str, operation: str, ref: str) -> Event:
    return {
        "id": str(number),
        "timestamp": "0.0",
        "class": cls.lower(),
        "operation": operation,
        "ref": ref,
    }


@message("event", "from")
def event_from(call: Call, classes: list[str], token: str, timeout: float) -> dict[str, object]:
    """Empty batches are held back until the time-out; then the token is still good."""
    since = Token.parse(token)
    subscription = Subscription.parse(classes)
    tables = subscription.tables()
    database = call.host.database
    deadline = time.monotonic() + (timeout if math.isfinite(timeout) and timeout >= 0 else DAY)
    batching = 0.0 if only_tasks(classes) else call.host.world.timing.batching
    between = min(FIRST_PAUSE, batching)
    time.sleep(batching)
    while True:
        pulse = database.pulse
        with database.locked():
            assert_session(call, database)
            events = collect(database, subscription, since)
            if events or time.monotonic() >= deadline:
                return _answer(database, events)
        waited = min(SLICE, max(0.0, deadline - time.monotonic()))
        if database.wait_pulse(pulse, waited, tables) != pulse:
            time.sleep(between)
            between = min(2 * between, batching)


def assert_session(call: Call, database: Database) -> None:
    """A session that ended while its call was blocked ends the call; so does its host's going down."""
    session = call.session
    if session is None or session.local:
        return
    if not call.host.up or not database.has("session", session.ref):
        raise XapiError("SESSION_INVALID", session.ref)


def _answer(database: Database, events: list[Event]) -> dict[str, object]:
    return {
        "events": events,
        "valid_ref_counts": {name: Int32(count) for name, count in database.counts().items()},
        "token": str(Token(database.generation, database.message_generation)),
    }


@message("event", "inject")
def event_inject(call: Call, cls: str, ref: str) -> str:
    """A token from which event.from will certainly see a mod of this object."""
    if cls not in schema().classes:
        raise XapiError("HANDLE_INVALID", cls, ref)
    return str(Token(call.host.database.touch(cls, ref), 0))
