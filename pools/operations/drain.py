"""A worker that is told to end lets go of its steps at the next pause; another one resumes them."""

import multiprocessing

from celery.signals import worker_shutting_down

# Made when the worker's parent process imports its tasks, before it forks: all children see it.
_ending = multiprocessing.Event()


class Draining(Exception):
    """The worker ends; the step is released."""


@worker_shutting_down.connect(dispatch_uid="pools.operations.drain")
def begin(**_kwargs: object) -> None:
    _ending.set()


def begun() -> bool:
    """Whether this worker was told to end."""
    return _ending.is_set()


def pause(seconds: float) -> None:
    """Wait; raise ``Draining`` as soon as this worker is told to end."""
    if _ending.wait(max(seconds, 0)):
        raise Draining
