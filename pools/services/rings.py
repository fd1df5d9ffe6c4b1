"""Rings for workers: after the commit, by id. A lost ring costs time, never work (reliability.md §1)."""

import uuid
from collections.abc import Sequence
from functools import partial

from django.db import transaction

from pools.models import Operation, Pool, Probe
from pools.operations import doorbell


def probe(row: Probe) -> None:
    """Ask a worker to look at an address."""
    transaction.on_commit(partial(doorbell.send, "pools.probe", row.pk))


def probes(rows: Sequence[Probe]) -> None:
    """Ask workers to look at addresses, each for itself; after the first lost ring the sweep does the rest."""
    transaction.on_commit(lambda: all(doorbell.send("pools.probe", row.pk) for row in rows))


def probe_batch(batch: uuid.UUID) -> None:
    """Ask a worker to look at a batch's addresses, all at once."""
    transaction.on_commit(partial(doorbell.send, "pools.probe_batch", str(batch)))


def refresh(pool: Pool) -> None:
    """Ask a worker to read a pool's inventory now."""
    transaction.on_commit(partial(doorbell.send, "pools.refresh_pool", pool.pk))


def take_snapshots(pool: Pool) -> None:
    """Ask a worker for the network snapshots of a pool that people wait for."""
    transaction.on_commit(partial(doorbell.send, "pools.take_snapshots", pool.pk))


def examine(operation: Operation) -> None:
    """Ask a worker to examine a draft's servers."""
    transaction.on_commit(partial(doorbell.send, "pools.examine", str(operation.pk)))


def recheck(operation: Operation) -> None:
    """Ask a worker to compare a plan with its servers."""
    transaction.on_commit(partial(doorbell.send, "pools.recheck", str(operation.pk)))


def prepare_plan(operation: Operation) -> None:
    """Ask a worker to read the facts again and make the plan."""
    transaction.on_commit(partial(doorbell.send, "pools.prepare_plan", str(operation.pk)))
