"""The page of what comes back: each server as the reboot leaves it, and what is to be done around the removal."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from django.db import transaction

from pools.models import Operation, User
from pools.operations.removal.choices import mapping, texts
from pools.services import losses, operations, planning
from pools.services.losses_reading import Stored, items


@dataclass(frozen=True, kw_only=True)
class Returning:
    """One server; ``foretold`` is the stored come-back, ``items`` what of its network can be rebuilt: (key, words).

    ``snapshot``: the number of the network snapshot that was kept when this was read.
    """

    uuid: str
    name: str
    foretold: Stored = field(default_factory=dict)
    items: tuple[tuple[str, str], ...] = ()
    snapshot: int = 0

    @property
    def field(self) -> str:
        return f"rebuild-{self.uuid}"

    @property
    def warnings(self) -> list[Mapping[str, object]]:
        """The loud ones first."""
        found = [mapping(each) for each in items(self.foretold.get("warnings"))]
        return sorted(found, key=lambda warned: not warned.get("loud"))

    @property
    def gone(self) -> list[tuple[str, list[str]]]:
        """What of its network is gone, by kind."""
        kinds = {
            "Bonds": "lost_bonds",
            "VLANs": "lost_vlans",
            "Networks": "lost_networks",
            "Addresses": "lost_addresses",
        }
        found = {title: [str(row) for row in items(self.foretold.get(key))] for title, key in kinds.items()}
        return [(f"{title} gone", rows) for title, rows in found.items() if rows]

    @property
    def vlan(self) -> int | None:
        tag = self.foretold.get("vlan")
        return tag if isinstance(tag, int) and tag >= 0 else None


@dataclass(frozen=True, kw_only=True)
class ReturnPage:
    """Everything that the page asks and says, from what a worker read."""

    operation: Operation
    found: Stored

    @property
    def coordinator_leaves(self) -> bool:
        return str(self.found.get("coordinator")) in texts(self.operation.draft.get("servers"))

    @property
    def ha_is_on(self) -> bool:
        return bool(self.found.get("ha"))

    @property
    def heirs(self) -> list[tuple[str, str]]:
        """The servers that stay, the recommended one first; what speaks against one is said with it."""
        rows = [each for each in items(self.found.get("stays")) if isinstance(each, list)]
        words = [(str(uuid), str(name), "; ".join(texts(doubts))) for uuid, name, doubts in rows]
        best = next((uuid for uuid, _, doubts in words[:1] if not doubts), "")
        return [
            (uuid, f"{name} ({doubts})" if doubts else f"{name} (recommended)" if uuid == best else name)
            for uuid, name, doubts in words
        ]

    @cached_property
    def servers(self) -> list[Returning]:
        saved = mapping(self.found.get("snapshots"))
        return [returning(mapping(each), saved) for each in items(self.found.get("servers"))]

    @property
    def chosen(self) -> dict[str, object]:
        """What the draft holds; before the first answer everything is rebuilt."""
        draft = self.operation.draft
        rebuilt, answered = mapping(draft.get("rebuild")), bool(draft.get("return_answered"))
        ticked = {
            each.field: list(texts(rebuilt.get(each.uuid))) if answered else [key for key, _ in each.items]
            for each in self.servers
        }
        said = {"ha": "switch" if draft.get("ha") else "leave"} if answered or draft.get("ha") else {}
        return {
            "next_coordinator": draft.get("next_coordinator") or next((uuid for uuid, _ in self.heirs), ""),
            "new_password": bool(draft.get("new_password")),
            "not_trusted": bool(draft.get("not_trusted")),
            **said,
            **ticked,
        }


def page(operation: Operation) -> ReturnPage:
    return ReturnPage(operation=operation, found=losses.page(operation).found)


def returning(stored: Stored, saved: Stored) -> Returning:
    snapshot = saved.get(str(stored.get("uuid")))
    offered = [each for each in items(stored.get("rebuild")) if isinstance(each, list)]
    return Returning(
        uuid=str(stored.get("uuid")),
        name=str(stored.get("name")),
        foretold=mapping(stored.get("come_back")),
        items=tuple((str(key), str(words)) for key, words in offered),
        snapshot=snapshot if isinstance(snapshot, int) else 0,
    )


@transaction.atomic
def answer(*, operation: Operation, user: User, given: Mapping[str, object]) -> Operation:
    """Store what was chosen; the same answer again changes nothing."""
    changes = {**given, "return_answered": True}
    if all(operation.draft.get(key) == value for key, value in changes.items()):
        return operation
    return operations.save_draft(operation=operation, user=user, changes=changes | planning.NOT_ASKED)
