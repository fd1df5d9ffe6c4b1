"""One draft open in two browsers: an answer that would replace what came meanwhile is shown beside it first."""

from collections.abc import Callable, Mapping, Sequence

from django.db import transaction
from django.db.models import Q

from pools.models import Operation, Server, User
from pools.operations.facts import digest
from pools.services import operations
from pools.services.errors import Overtaken

LABELS = {
    "servers": "Servers",
    "coordinator": "Coordinator",
    "name": "Name",
    "description": "Description",
    "typed_addresses": "Addresses",
    "vm_targets": "Where VMs go",
}
LONGEST_NUMBER = 10
NOT_ASKED = frozenset({"csrfmiddlewaretoken", "stamp", "go"})


def stamp(operation: Operation, keys: Sequence[str]) -> str:
    """Stand for the answers that a page was shown with."""
    return digest([operation.draft.get(key) for key in keys])[:16]


@transaction.atomic
def answer(operation: Operation, keys: Sequence[str], given: str, store: Callable[[], Operation]) -> Operation:
    """Store an answer, unless the one that it replaces is not the one the page was shown with."""
    locked = operations.lock(operation)
    if given and locked.state in operations.EDITABLE and given != stamp(locked, keys):
        raise Overtaken(locked)
    return store()


def stored(operation: Operation, keys: Sequence[str], user: User) -> list[tuple[str, str]]:
    """Say what the draft holds now."""
    return [(label(key), said(key, operation.draft.get(key), user)) for key in keys]


def sent(form: Mapping[str, Sequence[str]], user: User) -> list[tuple[str, str]]:
    """Say what the later browser sent."""
    return [(label(name), said(name, list(values), user)) for name, values in form.items() if name not in NOT_ASKED]


def label(key: str) -> str:
    return LABELS.get(key, key.replace("-", " ").replace("_", " ").capitalize())


def said(key: str, value: object, user: User) -> str:
    """Write an answer for people."""
    values = value if isinstance(value, list) else [value] if value else []
    texts = [in_words(each) for each in values]
    return ", ".join(names_of(texts, user) if key in {"servers", "coordinator"} else texts) or "nothing"


def in_words(value: object) -> str:
    if isinstance(value, Mapping):
        return " ".join(in_words(item) for item in value.values() if item)
    return str(value)


def names_of(given: Sequence[str], user: User) -> list[str]:
    """Name the servers that this person sees; drafts know them by uuid and forms by number, whatever was sent."""
    numbers = [int(text) for text in given if text.isdecimal() and len(text) < LONGEST_NUMBER]
    found = Server.objects.visible_to(user).filter(Q(uuid__in=given) | Q(pk__in=numbers))
    names = {key: server.name_label for server in found for key in (server.uuid, str(server.pk))}
    return sorted(names.get(text, text) for text in given)
