"""Things that may fail: no step of the network ever aborts a start (xapi.ml: NoExnRaising)."""

import logging
from collections.abc import Callable

from simulator.xapi.errors import XapiError

log = logging.getLogger(__name__)


def attempt(what: str, work: Callable[[], object]) -> None:
    """Do it; on an error say so in the log, and go on."""
    try:
        work()
    except (XapiError, LookupError, ValueError) as error:
        log.warning("%s: %r", what, error)
