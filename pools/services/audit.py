"""Who did what: every use case writes here, last thing in its transaction."""

import ipaddress
import json
import logging
import unicodedata
from collections.abc import Mapping
from typing import TypedDict, Unpack

from allauth.core import context
from django.db import connection, transaction
from django.utils import timezone

from pools.models import AuditEntry, AuditHead, Operation, Person, Pool
from pools.services.audit_chain import digest_of, head_seal

log = logging.getLogger("pools.audit")

CHAIN_LOCK = 0x61756469  # "audi": held to the end of the transaction, so that the order of ids is the order of commits
LONGEST_NAME = 150
LONGEST_TEXT = 500

Value = str | int | bool | None | list[str]


class About(TypedDict, total=False):
    """What an entry speaks of; the address is the request's, unless another is given."""

    pool: Pool | None
    operation: Operation | None
    data: Mapping[str, Value] | None
    address: str | None


def record(*, actor: Person | None, action: str, subject: str = "", **about: Unpack[About]) -> AuditEntry:
    """Append one entry. Call it last: it lets no other transaction write here until this one ends."""
    operation = about.get("operation")
    pool = about.get("pool") or (operation.pool if operation else None)
    entry = AuditEntry(
        at=timezone.now(),
        actor_id=actor.pk if actor else None,
        actor_name=storable(actor.get_username() if actor else "", LONGEST_NAME),
        action=action,
        subject=storable(subject or str(operation or pool or "")),
        pool=pool,
        pool_name=storable(str(pool or "")),
        operation=operation,
        data={name: _storable_value(value) for name, value in (about.get("data") or {}).items()},
        address=_address(about.get("address") or _client()),
    )
    with transaction.atomic():
        _append(entry)
    return entry


def _append(entry: AuditEntry) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CHAIN_LOCK])
    head = AuditHead.objects.first() or AuditHead(count=0, digest="")
    entry.previous = head.digest
    entry.digest = digest_of(entry)
    entry.save(force_insert=True)
    head.count, head.last, head.digest = head.count + 1, entry.pk, entry.digest
    head.seal = head_seal(head)
    head.save()
    transaction.on_commit(lambda: log.info("audit %s head %s:%s", entry.action, entry.pk, entry.digest))


def storable(text: object, longest: int = LONGEST_TEXT) -> str:
    """Make hostile text fit for the database and a page: no control characters, no lone surrogates, not endless."""
    one_line = " ".join(str(text)[: longest * 2].split())
    kept = "".join(letter for letter in one_line if unicodedata.category(letter) not in {"Cc", "Cs"})
    return kept if len(kept) <= longest else kept[: longest - 1] + "…"


def _storable_value(value: Value) -> Value:
    if isinstance(value, list):
        return [storable(item) for item in value]
    return storable(value) if isinstance(value, str) else value


def _client() -> str:
    """Where the current request comes from; a worker and a command have none."""
    request = context.request
    return str(request.META.get("REMOTE_ADDR", "")) if request is not None else ""


def _address(text: str | None) -> str | None:
    """Keep what is an address; a request over a Unix socket has none."""
    try:
        return str(ipaddress.ip_address(text or ""))
    except ValueError:
        return None


def as_json(data: Mapping[str, Value]) -> str:
    """Show an entry's details in one line."""
    return json.dumps(data, ensure_ascii=False, sort_keys=True) if data else ""
