"""The pieces of the operation page that change, rendered by the very partials that the page includes."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connections
from django.template.loader import render_to_string

from pools.models import JournalEntry, Operation
from pools.services import live


@dataclass(frozen=True)
class Event:
    """One message of the stream: the id of the last journal row it covers, and HTML elements with ids."""

    id: int
    html: str

    def encode(self) -> bytes:
        """Encode as a server-sent event; every line of the HTML is a data line."""
        lines = "".join(f"data: {line}\n" for line in self.html.splitlines() if line.strip())
        return f"id: {self.id}\nevent: change\n{lines}\n".encode()


def since(operation_id: str, after: int | None) -> Event | None:
    """Return what changed after a journal row; with ``None`` the newest row's change. Gives its connection back."""
    try:
        rows = JournalEntry.objects.filter(operation_id=operation_id).order_by("pk")
        entries = list(rows.filter(pk__gt=after)) if after is not None else list(rows.reverse()[:1])
        return render(operation_id, entries) if entries else None
    finally:
        connections.close_all()


def render(operation_id: str, entries: Iterable[JournalEntry]) -> Event:
    """Render the changed steps, their lanes, the head, and the new journal lines."""
    entries = list(entries)
    operation = Operation.objects.select_related("pool__coordinator", "created_by").get(pk=operation_id)
    page = live.page(operation)
    touched = {entry.step_id for entry in entries if entry.step_id}
    lanes = [lane for lane in page.lanes if any(step.pk in touched for step in lane.steps)]
    context = {"page": page, "operation": operation, "lanes": lanes, "entries": entries}
    return Event(id=entries[-1].pk, html=render_to_string("pools/partials/_live_change.html", context))
