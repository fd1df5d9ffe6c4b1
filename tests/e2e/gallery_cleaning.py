"""A pool that a server has left with disks of VMs on it: what it left behind, and the pages of a new secret."""

from collections.abc import Iterator
from typing import cast

from django.urls import reverse
from django.utils import timezone

from pools import inventories
from pools.models import Operation, OperationState, Pool, Server, Step, StepState, User
from pools.services import confirming, examination, leftovers, operations, planning, pool_cleanup, secret_rotate
from simulator.xapi.machines import pool_row
from tests.fixtures.lab import Lab

NAME = "office-1"
LEFT = ("ledger", "scanner", "wages 2019")


def make(lab: Lab) -> None:
    """HA is on in this pool, nobody is connected to its default storage, and three VMs have lost their disks."""
    server = next(server for server in lab.servers if server.name_label == NAME)
    database = lab.sim.host(NAME).database
    filer = {"name_label": "Old filer", "type": "nfs", "shared": True, "content_type": "user"}
    pool_row(lab.sim.host(NAME)).set(default_SR=database.create("SR", ref=None, **filer))
    vms = [database.create("VM", ref=None, name_label=name, power_state="Halted") for name in LEFT]
    database.set("VM", vms[0], ha_restart_priority="restart")
    removal(lab.owner, server, [str(database.records("VM")[ref]["uuid"]) for ref in vms])
    chosen = pool_cleanup.begin(user=lab.owner, pool=server.pool)
    examination.run(str(chosen.pk))
    inventories.refresh(server.pool)
    plan = planned(User.objects.get(username="adam"), server.pool)
    confirming.confirm(operation=plan, user=lab.owner, given={server.pool.uuid: "Offic"})
    secret = secret_rotate.begin(user=lab.owner, pool=server.pool)
    planning.ask(operation=secret, user=lab.owner)
    planning.run(str(secret.pk))


def planned(user: User, pool: Pool) -> Operation:
    """A plan of everything that is left over."""
    draft = pool_cleanup.begin(user=user, pool=pool)
    examination.run(str(draft.pk))
    draft.refresh_from_db()
    keys = [each.key for each in leftovers.page(draft).found]
    settings = {key: "none" for key in keys if key.startswith("default_sr")}
    chosen = pool_cleanup.choose(operation=draft, user=user, keys=keys, settings=settings)
    return operations.make_plan(operation=chosen, user=user)


def removal(user: User, server: Server, uuids: list[str]) -> None:
    """What is on record of a removal; the loss of all but the last one was accepted."""
    draft = {"decisions": {f"vm:{uuid}": {"do": "accept"} for uuid in uuids[:-1]}}
    operation = Operation.objects.create(
        kind="host_remove", state=OperationState.SUCCEEDED, pool=server.pool, draft=draft, created_by=user
    )
    operation.title = "Remove office-3 from “Office”"
    operation.save()
    known = {f"vm:{uuid}": f"VM: {name}" for uuid, name in zip(uuids, LEFT, strict=True)}
    params = {"host_name": "office-3", "known": known, "storage": {}}
    Step.objects.create(
        operation=operation,
        seq=1,
        kind="EjectHost",
        title="Remove office-3 from the pool",
        state=StepState.DONE,
        finished_at=timezone.now(),
        params=params,
    )


def pages() -> Iterator[tuple[str, str]]:
    planned, cleanup = Operation.objects.filter(kind="pool_cleanup").order_by("state")[::-1]
    secret = Operation.objects.get(kind="secret_rotate")
    yield "wizard_plan cleanup", reverse("wizard_plan", args=[planned.pk])
    yield "wizard_cleanup", reverse("wizard_cleanup", args=[cleanup.pk])
    yield "secret_rotate", reverse("secret_rotate", args=[cast("Pool", secret.pool).pk])
    yield "wizard_secret", reverse("wizard_secret", args=[secret.pk])
