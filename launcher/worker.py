"""``python -m launcher.worker``: runs operations' steps, in processes that end with it, even after ``kill -9``."""

import gc
import os
import signal
import sys

from celery.signals import worker_before_create_process, worker_process_init

from launcher.ending import end_within
from launcher.processes import end_with_parent

GRACE_SECONDS = 20


@worker_before_create_process.connect
def share_what_is_loaded(**_: object) -> None:
    """Celery collects garbage before each fork: it would touch, and so copy, all memory that the processes share."""
    gc.freeze()


@worker_process_init.connect
def end_with_worker(**_: object) -> None:
    end_with_parent(signal.SIGKILL)


def main() -> None:
    """Without mingle and gossip a worker is ready in half a second."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xenweb.settings")
    from xenweb.celery import app

    end_within(GRACE_SECONDS)
    concurrency = os.environ.get("XENWEB_WORKERS", "4")
    options = ["--queues=steps", "--without-mingle", "--without-gossip", "--pool=prefork"]
    app.worker_main(["worker", "--loglevel=INFO", *options, f"--concurrency={concurrency}", *sys.argv[1:]])


if __name__ == "__main__":
    main()
