"""A wrong wall clock, for a whole Python process and from its start: put this directory into PYTHONPATH.

``XENWEB_CLOCK_OFF`` says by how many seconds; time.monotonic and what C libraries ask for themselves stay right.
"""

import datetime as dt
import os
import time

OFF = float(os.environ.get("XENWEB_CLOCK_OFF", "0"))
right = dt.datetime
right_time, right_time_ns = time.time, time.time_ns


class Kind(type):
    """Moments made by C code are datetimes as before."""

    def __instancecheck__(cls, found: object) -> bool:
        return isinstance(found, right)

    def __subclasscheck__(cls, found: type) -> bool:
        return issubclass(found, right)


class Wrong(right, metaclass=Kind):
    """datetime with another idea of now."""

    @classmethod
    def now(cls, tz: dt.tzinfo | None = None) -> dt.datetime:  # type: ignore[override]
        return right.now(tz) + dt.timedelta(seconds=OFF)

    @classmethod
    def utcnow(cls) -> dt.datetime:  # type: ignore[override]
        return cls.now(dt.UTC).replace(tzinfo=None)


dt.datetime = Wrong  # type: ignore[misc]
time.time = lambda: right_time() + OFF
time.time_ns = lambda: right_time_ns() + int(OFF * 1e9)
