"""Places where a test may kill or freeze a worker; dead code unless settings.FAILPOINTS.

``XENWEB_FAILPOINT`` is ``StepKind:point`` or ``StepKind:point:STOP``; ``XENWEB_FAILPOINT_MARKER`` names a file that is
made when it fires, so that it fires once; the file holds the process's id. ``*:point`` fires once in each kind of step.
"""

import os
import signal
from typing import Final

from django.conf import settings

POINTS: Final = (
    "claimed",
    "intent_committed",
    "call_sent",
    "reply_received",
    "result_committed",
    "before_ring",
)
EVERY: Final = "*"


def reached(point: str, kind: str) -> None:
    """Die or freeze here when the test said so."""
    if not settings.FAILPOINTS:
        return
    armed = os.environ.get("XENWEB_FAILPOINT", "").split(":")
    suffix = f".{kind}" if armed[0] == EVERY else ""
    fits = armed[1:2] == [point] and armed[0] in {kind, EVERY}
    if fits and _first(os.environ["XENWEB_FAILPOINT_MARKER"] + suffix):
        os.kill(os.getpid(), signal.SIGSTOP if armed[2:] == ["STOP"] else signal.SIGKILL)


def _first(marker: str) -> bool:
    try:
        handle = os.open(marker, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return False
    os.write(handle, str(os.getpid()).encode())
    os.close(handle)
    return True
