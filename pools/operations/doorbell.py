"""Rings a worker for a step. A lost ring costs a second: the sweep rings again (reliability.md §1)."""

import logging
from contextlib import suppress
from typing import Final

from celery import current_app
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

RUN_STEP: Final = "pools.run_step"
POLICY: Final = {"max_retries": 1, "interval_start": 0, "interval_step": 0.2, "interval_max": 0.2}

log = logging.getLogger(__name__)


def warm() -> None:
    """Connect to the broker before the first ring needs it."""
    with suppress(OperationalError, RedisError), current_app.producer_or_acquire() as producer:
        producer.connection.ensure_connection(max_retries=1)


def ring(step_id: int) -> None:
    """Send the step's id, and nothing else."""
    try:
        current_app.send_task(RUN_STEP, args=[step_id], retry=True, retry_policy=POLICY)
    except (OperationalError, RedisError):
        log.warning("the broker does not answer; the sweep will ring for step %s", step_id)


def others_wait() -> bool:
    """Whether somebody rang and every worker is busy."""
    try:
        with current_app.producer_or_acquire() as producer:
            queue = producer.channel.queue_declare(current_app.conf.task_default_queue)
    except (OperationalError, RedisError):
        return False
    return bool(queue.message_count)
