"""What must be said before servers are erased: the name of each, typed, and that exports by hand are done."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction

from pools import policy
from pools.models import Operation, OperationState, Server
from pools.operations import pool_cleanup
from pools.operations.removal.choices import Removal, What, decisions, mapping, texts
from pools.services.errors import WrongState

TYPED = frozenset({"host_remove"})
DESTROYS_RECORDS = frozenset({"ForgetLeftStorage", "RemoveLeftVM", "HaltSuspended"})
EXPORTED = "exported"
LONGEST = 200


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A server, or a pool, whose name has to be typed, and what was typed so far."""

    uuid: str
    name: str
    typed: str = ""

    @property
    def right(self) -> bool:
        return self.typed == self.name

    @property
    def wrong(self) -> bool:
        return bool(self.typed) and not self.right


@dataclass(frozen=True, kw_only=True)
class Confirmation:
    """What is asked before a start; nothing for kinds that destroy nothing. ``records``: of a pool, not storage."""

    servers: Sequence[Asked] = ()
    records: int = 0
    exports: int = 0
    exported: bool = False

    @property
    def complete(self) -> bool:
        return all(server.right for server in self.servers) and (self.exported or not self.exports)


def is_destructive(operation: Operation) -> bool:
    """Whether a start, or a yes to it, needs that the person proves anew who he is."""
    return operation.kind in policy.STEP_UP


def asked(operation: Operation) -> Confirmation:
    """Say what has to be confirmed for this plan."""
    given = mapping(operation.draft.get("confirmed"))
    if operation.kind == pool_cleanup.KIND:
        return asked_of_pool(operation, given)
    if operation.kind not in TYPED:
        return Confirmation()
    removal = Removal(decisions=decisions(operation.draft.get("decisions")))
    chosen = texts(operation.draft.get("servers"))
    leaving = sorted(operation.servers.filter(uuid__in=chosen), key=lambda server: chosen.index(server.uuid))
    return Confirmation(
        servers=[
            Asked(uuid=server.uuid, name=typable(server), typed=str(given.get(server.uuid) or "")) for server in leaving
        ],
        exports=len(removal.keys(What.EXPORT)),
        exported=bool(given.get(EXPORTED)),
    )


def asked_of_pool(operation: Operation, given: Mapping[str, object]) -> Confirmation:
    """Records that are destroyed do not come back: the pool's name is typed."""
    records = operation.steps.filter(kind__in=DESTROYS_RECORDS).count()
    pool = operation.pool
    if pool is None or not records:
        return Confirmation()
    name = plain(pool.name_label) or pool.uuid
    asked = Asked(uuid=pool.uuid, name=name, typed=str(given.get(pool.uuid) or ""))
    return Confirmation(servers=[asked], records=records)


def typable(server: Server) -> str:
    """A name as it can be typed: what cannot be seen is not asked for; of a name of nothing else the uuid is."""
    return plain(server.name_label) or server.uuid


def plain(text: str) -> str:
    seen = "".join(letter for letter in text if not unicodedata.category(letter).startswith("C") or letter.isspace())
    return " ".join(seen.split())[:LONGEST]


@transaction.atomic
def confirm(*, operation: Operation, given: Mapping[str, str]) -> None:
    """Keep what was typed, right or wrong; the plan stays as it is."""
    locked = Operation.objects.select_for_update(of=("self",), no_key=True).get(pk=operation.pk)
    if locked.state == OperationState.PLANNED and asked(locked).servers:
        known = {*locked.draft.get("servers", []), EXPORTED, *(each.uuid for each in asked(locked).servers)}
        locked.draft["confirmed"] = {key: plain(text) for key, text in given.items() if key in known}
        locked.save(update_fields=["draft"])


def assert_confirmed(operation: Operation) -> None:
    """Refuse to start what was not confirmed."""
    found = asked(operation)
    if found.complete:
        return
    wrong = [server.name for server in found.servers if not server.right]
    if wrong and found.records:
        raise WrongState(f"Type the name of the pool, exactly: {wrong[0]}. Nothing was started.")
    if wrong:
        raise WrongState(
            f"Type the name of every server that leaves, exactly: {', '.join(wrong)}. Nothing was started."
        )
    raise WrongState("Say that the exports are done, or decide otherwise about these rows. Nothing was started.")
