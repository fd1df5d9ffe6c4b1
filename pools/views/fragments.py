"""The pieces of the operation page that change, rendered by the very partials that the page includes."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from django.db import connections
from django.db.models import Max
from django.template.loader import render_to_string

from pools.models import JournalEntry, Operation
from pools.services import live


@dataclass(frozen=True)
class Event:
    """One message of the stream: the journal rows behind ``after`` up to ``id``, as HTML elements with ids."""

    after: int
    id: int
    html: str = ""

    @cached_property
    def encoded(self) -> bytes:
        """A server-sent event, the same bytes for every viewer; each line of the HTML is a data line."""
        lines = "".join(f"data: {line}\n" for line in self.html.splitlines() if line.strip())
        return f"id: {self.id}\nevent: change\n{lines}\n".encode()


def since(operation_id: str, after: int) -> Event:
    """Return what changed behind a journal row; no HTML when nothing did. Gives its connection back."""
    try:
        return read(operation_id, after)
    finally:
        connections.close_all()


def replay(operation_id: str, after: int) -> Event:
    """Return what a page has missed; one that names a row to come, as after a restored backup, has missed all."""
    try:
        newest = JournalEntry.objects.filter(operation_id=operation_id).aggregate(newest=Max("pk"))["newest"] or 0
        return read(operation_id, after if after <= newest else 0)
    finally:
        connections.close_all()


def read(operation_id: str, after: int) -> Event:
    """Read the journal first: what the pieces show is then as new as the rows, or newer."""
    entries = list(JournalEntry.objects.filter(operation_id=operation_id, pk__gt=after).order_by("pk"))
    if not entries:
        return Event(after=after, id=after)
    return Event(after=after, id=entries[-1].pk, html=render(operation_id, entries))


def render(operation_id: str, entries: Sequence[JournalEntry]) -> str:
    """Render the changed steps, their lanes, the head, and the new journal lines."""
    rows = Operation.objects.without_large_columns()
    operation = rows.get(pk=operation_id)
    page = live.page(operation)
    touched = {entry.step_id for entry in entries if entry.step_id}
    lanes = [lane for lane in page.lanes if any(step.pk in touched for step in lane.steps)]
    context = {"page": page, "operation": operation, "lanes": lanes, "entries": entries}
    return render_to_string("pools/partials/_live_change.html", context)
