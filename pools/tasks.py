"""Celery's entry points: one call each. A message holds a row's id and nothing else; the row says what to do."""

from celery import shared_task
from celery.signals import worker_process_init, worker_process_shutdown

from pools.operations import doorbell, presence
from pools.services import examination, inventory, planning, probing, rechecking, snapshots, supervision, sweeping


@worker_process_init.connect(dispatch_uid="pools.tasks.arrive")
def arrive(**_kwargs: object) -> None:
    """A worker process announces itself before its first task: the ready page counts those that live."""
    presence.arrive()
    doorbell.warm()


@worker_process_shutdown.connect(dispatch_uid="pools.tasks.leave")
def leave(**_kwargs: object) -> None:
    presence.leave()


@shared_task(name="pools.run_step")
def run_step(step_id: int) -> None:
    supervision.perform(step_id)


@shared_task(name="pools.sweep")
def sweep() -> None:
    sweeping.sweep()


@shared_task(name="pools.refresh_inventories")
def refresh_inventories() -> None:
    inventory.refresh_due()


@shared_task(name="pools.refresh_pool")
def refresh_pool(pool_id: int) -> None:
    inventory.refresh(pool_id)


@shared_task(name="pools.snapshot_networks")
def snapshot_networks() -> None:
    snapshots.nightly()


@shared_task(name="pools.take_snapshots")
def take_snapshots(pool_id: int) -> None:
    snapshots.take_asked(pool_id)


@shared_task(name="pools.probe")
def probe(probe_id: int) -> None:
    probing.examine(probe_id)


@shared_task(name="pools.probe_batch")
def probe_batch(batch: str) -> None:
    probing.examine_batch(batch)


@shared_task(name="pools.examine")
def examine(operation_id: str) -> None:
    examination.run(operation_id)


@shared_task(name="pools.prepare_plan")
def prepare_plan(operation_id: str) -> None:
    planning.run(operation_id)


@shared_task(name="pools.recheck")
def recheck(operation_id: str) -> None:
    rechecking.run(operation_id)
