"""How both kinds of Celery workers end: SIGQUIT means what SIGTERM means, and neither waits for ever."""

import signal

from celery.signals import worker_ready, worker_shutting_down


def end_within(seconds: int) -> None:
    """Told to end, a worker finishes or hands over what it does; after so many seconds the system ends it."""

    def set_limit(**_: object) -> None:
        signal.alarm(seconds)

    worker_shutting_down.connect(set_limit, weak=False)
    worker_ready.connect(quit_as_if_terminated, weak=False)


def quit_as_if_terminated(**_: object) -> None:
    """Celery's own answer to SIGQUIT tells the steps nothing, waits for them, and cuts them off at any point."""
    signal.signal(signal.SIGQUIT, signal.getsignal(signal.SIGTERM))
