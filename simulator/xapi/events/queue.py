"""The older way to hear of changes: register, next, unregister (xapi_event.ml); one subscription per session."""

import hashlib
import time
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from simulator.database import Database
from simulator.xapi.errors import XapiError
from simulator.xapi.events.events import SLICE, Event, Subscription, Token, assert_session, collect
from simulator.xapi.registry import Call, message

HEARTBEAT = 30.0  # seconds without anything, after which the pool is told of as if it had changed


@dataclass
class Queue:
    """What a session registered for, and up to where it has heard."""

    classes: set[str] = field(default_factory=set)
    heard: Token = field(default_factory=lambda: Token(0, 0))
    number: int = 0


QUEUES: WeakKeyDictionary[Database, dict[str, Queue]] = WeakKeyDictionary()  # by session


@message("event", "register")
def event_register(call: Call, classes: list[str]) -> None:
    """From now on; a second registration adds to the first."""
    database, queues = call.host.database, _queues(call)
    with database.locked():
        for session in [ref for ref in queues if not database.has("session", ref)]:
            del queues[session]
        now = Token(database.generation, database.message_generation)
        queues.setdefault(_session(call), Queue(heard=now)).classes.update(classes)


@message("event", "unregister")
def event_unregister(call: Call, classes: list[str]) -> None:
    with call.host.database.locked():
        queue = _queues(call).get(_session(call))
        if queue:
            queue.classes.difference_update(classes)
            if not queue.classes:
                del _queues(call)[_session(call)]


@message("event", "next")
def event_next(call: Call) -> list[Event]:
    """Blocks until something matches; a bare array, numbered from one event to the next."""
    queue, database = _queue(call), call.host.database
    silent_since = time.monotonic()
    time.sleep(call.host.world.timing.batching)
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
    queue = _queues(call).get(_session(call))
    return queue.number + 1 if queue else 0


def _numbered(queue: Queue, event: Event) -> Event:
    queue.number += 1
    return event | {"id": str(queue.number), "timestamp": f"{int(time.time())}."}


def _queue(call: Call) -> Queue:
    """SESSION_NOT_REGISTERED tells a hash, not the reference."""
    queue = _queues(call).get(_session(call))
    if queue is None:
        digest = hashlib.md5(_session(call).encode(), usedforsecurity=False).hexdigest()
        raise XapiError("SESSION_NOT_REGISTERED", f"trackid={digest}")
    return queue


def _session(call: Call) -> str:
    return call.session.ref if call.session else ""


def _queues(call: Call) -> dict[str, Queue]:
    with call.host.database.locked():
        return QUEUES.setdefault(call.host.database, {})
