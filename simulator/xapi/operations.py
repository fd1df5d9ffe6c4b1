"""What runs on an object, and what may run: current_operations and allowed_operations (xapi_*_helpers.ml)."""

import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from simulator.xapi.errors import XapiError
from simulator.xapi.registry import Call
from simulator.xapi.rows import Row

Verdicts = dict[str, XapiError | None]
Rules = Callable[[Row], Verdicts]
RULES: dict[str, Rules] = {}
F = TypeVar("F", bound=Rules)


def allowed(cls: str) -> Callable[[F], F]:
    """Declare the rules of one class: for each operation None, or the error with which it is refused now."""

    def register(function: F) -> F:
        RULES[cls] = function
        return function

    return register


def recompute(row: Row) -> None:
    """Write what is allowed now; an object that is gone, or of a class without rules, is left alone."""
    rules = RULES.get(row.cls)
    if rules is None:
        return
    with row.database.locked():
        if row.database.has(row.cls, row.ref):
            able = [operation for operation, error in rules(row).items() if error is None]
            row.database.update(row.cls, row.ref, "allowed_operations", lambda _old: able)


def refuse(verdicts: Verdicts, names: Iterable[str], code: str, *params: str) -> None:
    """Refuse these operations; of several reasons the first is told."""
    for name in names:
        verdicts[name] = verdicts[name] or XapiError(code, *params)


def refuse_if_not_allowed(row: Row, operation: str) -> None:
    """An operation that has no verdict, as most of a host have none during an upgrade, is not refused."""
    error = RULES[row.cls](row).get(operation)
    if error:
        raise error


@contextmanager
def operating(row: Row, operation: str, call: Call | None = None) -> Iterator[str]:
    """Show an operation on the object while it runs; gives the key under which it is shown."""
    key = call.task.ref if call and call.task else f"OpaqueRef:{uuid.uuid4()}"
    row.put("current_operations", key, operation)
    recompute(row)
    try:
        yield key
    finally:
        with row.database.locked():
            if row.database.has(row.cls, row.ref):
                row.drop("current_operations", key)
        recompute(row)
