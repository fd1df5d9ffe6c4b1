"""``python -m launcher.desk``: does what people wait for (addresses, examinations, plans), and keeps the time."""

import logging
import os
import signal
import sys
from threading import Thread

from celery import bootsteps
from celery.apps.worker import Worker
from celery.beat import Scheduler, Service

from launcher.ending import end_within

THREADS = 8
GRACE_SECONDS = 2

log = logging.getLogger(__name__)


class Clock(bootsteps.StartStopStep):
    """Celery's beat as a thread, which ends with the desk; ``--beat`` would fork a process that outlives it."""

    def start(self, worker: Worker) -> None:
        """Keep the time in memory: after a start everything is due within seconds."""
        self.service = Service(worker.app, scheduler_cls=Scheduler, max_interval=1)
        Thread(target=self.tick, name="clock", daemon=True).start()

    def tick(self) -> None:
        """A desk without a clock is of no use: it ends, and is started again."""
        try:
            self.service.start()
        except Exception:
            log.exception("the clock has stopped")
            os.kill(os.getpid(), signal.SIGTERM)

    def stop(self, worker: Worker) -> None:
        self.service.stop()


def main() -> None:
    """Threads suit what waits for servers' answers; whatever is cut off at the end can be asked for again."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xenweb.settings")
    from xenweb.celery import app

    end_within(GRACE_SECONDS)
    app.steps["worker"].add(Clock)
    options = ["--hostname=desk@%h", "--without-mingle", "--without-gossip", "--pool=threads"]
    app.worker_main(["worker", "--loglevel=INFO", *options, f"--concurrency={THREADS}", *sys.argv[1:]])


if __name__ == "__main__":
    main()
