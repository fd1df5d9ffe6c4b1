"""The chain of the audit: each entry's digest is keyed and covers the one before (security.md §7)."""

import hashlib
import hmac
import ipaddress
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from pools.models import AuditEntry, AuditHead


@dataclass(frozen=True)
class Break:
    """A place where the audit is not what was written."""

    entry: int
    text: str


def seal(*parts: str) -> str:
    """Keyed digest of the parts; without the key, which is kept outside the database, it cannot be made."""
    if not settings.AUDIT_KEY:
        raise ImproperlyConfigured("The audit key is missing: keys/audit_key in the state directory; ./run makes it.")
    return hmac.new(settings.AUDIT_KEY.encode(), "\0".join(parts).encode(), hashlib.sha256).hexdigest()


def digest_of(entry: AuditEntry) -> str:
    """Seal all that the entry says, and the digest before it."""
    said = {
        "at": entry.at.astimezone(UTC).isoformat(),
        "actor": entry.actor_id,
        "actor_name": entry.actor_name,
        "action": entry.action,
        "subject": entry.subject,
        "pool": entry.pool_id,
        "pool_name": entry.pool_name,
        "operation": str(entry.operation_id or ""),
        "data": entry.data,
        "address": str(ipaddress.ip_address(entry.address)) if entry.address else "",
    }
    return seal("entry", entry.previous, json.dumps(said, sort_keys=True, separators=(",", ":")))


def head_seal(head: AuditHead) -> str:
    """Seal the length and the end of the chain."""
    return seal("head", str(head.count), str(head.last), head.digest)


def verify(anchor: tuple[int, str] | None = None) -> Iterator[Break]:
    """Find what was edited, taken out, moved, put in or cut off; ``anchor`` is a head kept elsewhere."""
    previous, count, last, anchored = "", 0, 0, anchor is None
    for entry in AuditEntry.objects.order_by("pk").iterator():
        if entry.previous != previous:
            yield Break(entry.pk, "does not follow the entry before it: one was taken out, put in or moved")
        if not hmac.compare_digest(entry.digest, digest_of(entry)):
            yield Break(entry.pk, "was edited, or not written by xenweb")
        anchored = anchored or (entry.pk, entry.digest) == anchor
        previous, count, last = entry.digest, count + 1, entry.pk
    if anchor and not anchored:
        yield Break(anchor[0], "the entry of the given head is missing or different: the audit was cut or rewritten")
    yield from _verify_head(count, last, previous)


def _verify_head(count: int, last: int, digest: str) -> Iterator[Break]:
    head = AuditHead.objects.first()
    if head is None:
        if count:
            yield Break(last, "the sealed end of the chain is missing")
    elif not hmac.compare_digest(head.seal, head_seal(head)):
        yield Break(head.last, "the sealed end of the chain was edited")
    elif (head.count, head.last, head.digest) != (count, last, digest):
        yield Break(last, f"{head.count} entries were written up to number {head.last}, {count} are here")
