"""Asking whether an operation may begin and showing it as begun are one step (with_global_lock of helpers.ml)."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from simulator.xapi.operations import operating
from simulator.xapi.registry import Call
from simulator.xapi.rows import Row


@contextmanager
def exclusively(row: Row, operation: str, assert_may: Callable[[Row, str], None], call: Call | None) -> Iterator[None]:
    """Of two callers at the same time one is refused."""
    with ExitStack() as stack:
        with row.database.locked():
            assert_may(row, operation)
            stack.enter_context(operating(row, operation, call))
        yield
