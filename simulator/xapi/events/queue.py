"""The older way to hear of changes: register, next, unregister (xapi_event.ml); one subscription per session."""

import hashlib
import time
from dataclasses import dataclass, field

from simulator.database import Database
from simulator.xapi.errors import XapiError
from simulator.xapi.events.events import BATCHING, SLICE, Event, Subscription, Token, assert_session, collect
from simulator.xapi.registry import Call, message

HEARTBEAT = 30.0  # seconds without anything, after which the pool is told of as if it had changed


@dataclass
class Queue:
    """What a session registered for, and up to where it has heard."""

    classes: set[str] = field(default_factory=set)
    heard: Token = field(default_factory=lambda: Token(0, 0))
    number: int = 0


QUEUES: dict[tuple[int, str], Queue] = {}


@message("event", "register")
def event_register(call: Call, classes: list[str]) -> None:
    """From now on; a second registration adds to the first."""
    database, key = call.host.database, _key(call)
    _forget_the_dead(database)
    now = Token(database.generation, database.message_generation)
    QUEUES.setdefault(key, Queue(heard=now)).classes.update(classes)


@message("event", "unregister")
def event_unregister(call: Call, classes: list[str]) -> None:
    queue = QUEUES.get(_key(call))
    if queue:
        queue.classes.difference_update(classes)
        if not queue.classes:
            QUEUES.pop(_key(call), None)


@message("event", "next")
def event_next(call: Call) -> list[Event]:
    """Blocks until something matches; a bare array, numbered from one event to the next."""
    queue, database = _queue(call), call.host.database
    silent_since = time.monotonic()
    time.sleep(BATCHING)
    while True:
        pulse = database.pulse
        subscription = Subscription.parse(sorted(queue.classes))
        with database.locked():
            assert_session(call, database)
            if time.monotonic() - silent_since > HEARTBEAT:
                database.touch("pool", database.refs("pool")[0])
            events = collect(database, subscription, queue.heard)
            queue.heard = Token(database.generation, database.message_generation)
        if events:
            return [_numbered(queue, event) for event in events]
        database.wait_pulse(pulse, SLICE, subscription.tables())


@message("event", "get_current_id")
def get_current_id(call: Call) -> int:
    """The number that the next event of this session will have."""
    queue = QUEUES.get(_key(call))
    return queue.number + 1 if queue else 0


def _numbered(queue: Queue, event: Event) -> Event:
    queue.number += 1
    return event | {"id": str(queue.number), "timestamp": f"{int(time.time())}."}


def _queue(call: Call) -> Queue:
    """SESSION_NOT_REGISTERED tells a hash, not the reference."""
    queue = QUEUES.get(_key(call))
    if queue is None:
        digest = hashlib.md5(_key(call)[1].encode(), usedforsecurity=False).hexdigest()
        raise XapiError("SESSION_NOT_REGISTERED", f"trackid={digest}")
    return queue


def _key(call: Call) -> tuple[int, str]:
    return id(call.host.database), call.session.ref if call.session else ""


def _forget_the_dead(database: Database) -> None:
    for key in list(QUEUES):  # other calls add to it meanwhile
        if key[0] == id(database) and not database.has("session", key[1]):
            QUEUES.pop(key, None)
