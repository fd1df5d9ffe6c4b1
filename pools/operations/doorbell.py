"""Rings for workers: by id, and never for long. Of a lost ring for a step the sweep rings again within seconds."""

import logging
from contextlib import suppress
from typing import Final

from celery import current_app
from django.conf import settings
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from pools.operations import journal

RUN_STEP: Final = "pools.run_step"
POLICY: Final = {"max_retries": 1, "interval_start": 0, "interval_step": 0.2, "interval_max": 0.2}

log = logging.getLogger(__name__)


def warm() -> None:
    """Connect to the broker before the first ring needs it."""
    with suppress(OperationalError, RedisError), current_app.producer_or_acquire() as producer:
        producer.connection.ensure_connection(max_retries=1)


def ring(step_id: int) -> None:
    """Ring for a step."""
    send(RUN_STEP, step_id)


def send(task: str, row_id: int | str) -> bool:
    """Send a row's id, and nothing else; the task's route says who hears it. False: the broker does not answer."""
    try:
        current_app.send_task(task, args=[row_id], retry=True, retry_policy=POLICY)
    except (OperationalError, RedisError):
        log.warning("the broker does not answer; nobody was rung: %s %s", task, row_id)
        return False
    return True


def not_rung_lately(what: str, milliseconds: int) -> bool:
    """Whether nobody rang for this so recently: messages must not pile up while all workers are busy."""
    try:
        return bool(journal.bell().set(f"{settings.KEY_PREFIX}rung:{what}", 1, nx=True, px=milliseconds))
    except RedisError:
        return False


def others_wait() -> bool:
    """Whether somebody rang for another step and every worker is busy."""
    steps = current_app.amqp.router.route({}, RUN_STEP)["queue"]
    try:
        with current_app.producer_or_acquire() as producer:
            queue = producer.channel.queue_declare(steps.name)
    except (OperationalError, RedisError):
        return False
    return bool(queue.message_count)
