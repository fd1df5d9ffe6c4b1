"""What becomes of every row of loss: stored as it is given, whichever button was pressed."""

from collections.abc import Iterator, Mapping

from django.db import transaction

from pools.models import Operation, User
from pools.operations.removal.choices import What, mapping
from pools.services import guests, losses, operations, planning
from pools.services.losses import WORDS, Row, Table

LONGEST_WORDS = 60
HA_PLAN = "HA plan"


@transaction.atomic
def decide(
    *,
    operation: Operation,
    user: User,
    given: Mapping[str, str],
    typed: Mapping[str, str],
    places: Mapping[str, str] | None = None,
) -> Operation:
    """Store the decisions of the rows that were shown, and accept what is left of a table whose words were typed.

    A row that came since the page was shown stays open: nobody has seen it. ``places``: by VM, where it is to move to.
    """
    operation = operations.lock(operation)
    page = losses.page(operation)
    before = mapping(operation.draft.get("decisions"))
    made: dict[str, object] = {key: value for key, value in before.items() if key not in given}
    accepted = dict(mapping(operation.draft.get("accepted")))
    words = {table.name: typed.get(table.name, "").strip()[:LONGEST_WORDS] for table in page.tables}
    for table in page.tables:
        made |= dict(decided(table, given))
        if words[table.name] == WORDS[table.name]:
            made |= {
                row.key: {"do": What.ACCEPT.value} for row in table.rows if row.key in given and row.key not in made
            }
            accepted[table.name] = words[table.name]
    together(page, made)
    open_rows = [row.key for table in page.tables for row in table.rows if row.key not in made]
    still_open = len(open_rows) if page.known else None
    changes = {"decisions": made, "accepted": accepted, "typed": words, "losses_open": still_open}
    changes |= {"vm_targets": guests.chosen(operation, places or {})}
    if all(operation.draft.get(key) == value for key, value in changes.items()):
        return operation
    return operations.save_draft(operation=operation, user=user, changes=changes | planning.NOT_ASKED)


def together(page: losses.LossesPage, made: dict[str, object]) -> None:
    """A VM moves with its disks: what is chosen for the one is chosen for the others, where nothing else is."""
    rows = [row for table in page.tables for row in table.rows]
    for vm in (row for row in rows if row.kind in losses.MOVED):
        disks = [row for row in rows if vm.uuid in row.vms]
        ways = [mapping(made.get(row.key)) for row in disks]
        if mapping(made.get(vm.key)).get("do") == What.MOVE:
            made |= {row.key: made[vm.key] for row in disks if row.key not in made}
        elif vm.key not in made and ways and all(way.get("do") == What.MOVE for way in ways):
            made[vm.key] = ways[0]
        if mapping(made.get(vm.key)).get("do") == What.MOVE:
            plans = [row.key for row in rows if row.uuid == vm.uuid and row.kind == HA_PLAN]
            made |= {key: made[vm.key] for key in plans if key not in made}


def decided(table: Table, given: Mapping[str, str]) -> Iterator[tuple[str, dict[str, str]]]:
    """Read each row's choice; what the row was not offered is no decision."""
    for row in table.rows:
        choice = given.get(row.key, "")
        if choice in offered(row):
            do, _, to = choice.partition(":")
            yield row.key, {"do": do, "to": to} if to else {"do": do}


def offered(row: Row) -> set[str]:
    """What may be chosen for a row."""
    return {value for value, _ in row.options}
