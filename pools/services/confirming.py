"""What must be said before servers are erased: the name of each, typed, and that exports by hand are done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction

from pools import policy
from pools.checks.typed import plain, typable
from pools.models import Operation, OperationState, User
from pools.operations import pool_cleanup
from pools.operations.removal.choices import Removal, What, decisions, mapping, texts
from pools.services.errors import WrongState

TYPED = frozenset({"host_remove"})
DESTROYS_RECORDS = frozenset({"ForgetLeftStorage", "RemoveLeftVM", "HaltSuspended"})
EXPORTED = "exported"


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


def asked(operation: Operation, user: User) -> Confirmation:
    """Say what this person has to confirm for this plan: what was typed for another one, or by another, counts not."""
    same = operation.draft.get("confirmed_as") == signed(operation, user)
    given = mapping(operation.draft.get("confirmed")) if same else {}
    if operation.kind == pool_cleanup.KIND:
        return asked_of_pool(operation, given)
    if operation.kind not in TYPED:
        return Confirmation()
    removal = Removal(decisions=decisions(operation.draft.get("decisions")))
    chosen = texts(operation.draft.get("servers"))
    leaving = sorted(operation.servers.filter(uuid__in=chosen), key=lambda server: chosen.index(server.uuid))
    return Confirmation(
        servers=[
            Asked(
                uuid=server.uuid,
                name=typable(server.name_label, server.uuid),
                typed=str(given.get(server.uuid) or ""),
            )
            for server in leaving
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
    asked = Asked(uuid=pool.uuid, name=typable(pool.name_label, pool.uuid), typed=str(given.get(pool.uuid) or ""))
    return Confirmation(servers=[asked], records=records)


def signed(operation: Operation, user: User) -> list[object]:
    """For which plan something is typed, and by whom."""
    return [operation.plan_hash, user.pk]


@transaction.atomic
def confirm(*, operation: Operation, user: User, given: Mapping[str, str]) -> None:
    """Keep what was typed, right or wrong; the plan stays as it is."""
    locked = Operation.objects.select_for_update(of=("self",), no_key=True).get(pk=operation.pk)
    if locked.state == OperationState.PLANNED and asked(locked, user).servers:
        known = {*locked.draft.get("servers", []), EXPORTED, *(each.uuid for each in asked(locked, user).servers)}
        locked.draft["confirmed"] = {key: plain(text) for key, text in given.items() if key in known}
        locked.draft["confirmed_as"] = signed(locked, user)
        locked.save(update_fields=["draft"])


def assert_confirmed(operation: Operation, user: User) -> None:
    """Refuse to start what this person did not confirm."""
    found = asked(operation, user)
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
