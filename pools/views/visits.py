"""Who watches a live stream, and whether he still may: asked for all streams of a process at once."""

import uuid
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final
from weakref import WeakSet

from allauth.usersessions.models import UserSession
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import connections
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from pools.access import who_see
from pools.models import Operation, User
from xenweb.sessions import is_over

STREAMS_EACH: Final = 6


@dataclass(eq=False)
class Visit:
    """One stream of one person; it counts until it has ended, or was lost before it began."""

    session_key: str
    operation_id: uuid.UUID
    ended: bool = False


_visits: defaultdict[int, WeakSet[Visit]] = defaultdict(WeakSet)


def has_room(user_id: int) -> bool:
    """A person has so many streams in each web process; more would only be an attack, or a mistake."""
    return sum(not visit.ended for visit in _visits[user_id]) < STREAMS_EACH


def count(user_id: int, visit: Visit) -> None:
    _visits[user_id].add(visit)


def allowed(visits: Collection[Visit]) -> dict[Visit, int]:
    """Return the visits of people who are signed in and may see the operation, with their ids.

    Costs three queries and two for each operation. Gives its connection back.
    """
    try:
        people = signed_in({visit.session_key for visit in visits})
        viewers = {pk: who_see(operation) for pk, operation in watched(visits).items()}
        return {
            visit: person
            for visit in visits
            if (person := people.get(visit.session_key)) and person in viewers.get(visit.operation_id, ())
        }
    finally:
        connections.close_all()


def watched(visits: Collection[Visit]) -> dict[uuid.UUID, Operation]:
    return Operation.objects.only("pool_id", "created_by_id").in_bulk({visit.operation_id for visit in visits})


def signed_in(session_keys: Collection[str]) -> dict[str, int]:
    """Return who is behind each session that goes on; the rules are those of a request."""
    stored = Session.objects.filter(session_key__in=session_keys, expire_date__gt=timezone.now())
    data = {session.session_key: session.get_decoded() for session in stored}
    ids = {int(held[SESSION_KEY]) for held in data.values() if SESSION_KEY in held}
    hashes = {user.pk: user.get_session_auth_hash() for user in User.objects.filter(pk__in=ids, is_active=True)}
    over = {s.session_key for s in UserSession.objects.filter(session_key__in=session_keys) if is_over(s)}
    return {
        key: int(held[SESSION_KEY])
        for key, held in data.items()
        if key not in over and proves(held, hashes.get(int(held.get(SESSION_KEY, 0))))
    }


def proves(held: dict[str, str], expected: str | None) -> bool:
    """A session holds the hash of the password with which it was begun."""
    return expected is not None and constant_time_compare(held.get(HASH_SESSION_KEY, ""), expected)
