"""A server that is said to be dead, and a coordinator: the evidence that was collected, and what is asked."""

from collections.abc import Iterator

from django.urls import reverse

from pools.models import Operation
from pools.services import coordinator_promote, examination, host_forget
from tests.fixtures.lab import Lab

NAME = "office-"


def make(lab: Lab) -> None:
    """Two drafts about a pool whose servers all answer: nothing of it can be planned, and the pages say why."""
    member = next(server for server in lab.servers if server.name_label.startswith(NAME))
    pool = member.pool
    silent = next((server for server in pool.servers.all() if server != pool.coordinator), None)
    if silent is None:
        raise LookupError("the pool of the office has no member")
    for draft in (
        host_forget.begin(user=lab.owner, pool=pool, server=silent),
        coordinator_promote.begin(user=lab.owner, pool=pool),
    ):
        examination.ask(operation=draft, user=lab.owner)
        examination.run(str(draft.pk))


def pages() -> Iterator[tuple[str, str]]:
    for kind in ("host_forget", "coordinator_promote"):
        draft = Operation.objects.get(kind=kind)
        yield f"wizard_silence {kind}", reverse("wizard_silence", args=[draft.pk])
