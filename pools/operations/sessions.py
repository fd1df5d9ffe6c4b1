"""The sessions of one worker at one operation: opened when first needed, kept from step to step, ended together."""

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from types import TracebackType
from typing import Self

from pools.xapi.gateway import Xapi


class Sessions:
    """By name. No other process uses them: whoever takes over a step logs the session of its last call out."""

    def __init__(self) -> None:
        self._open: dict[str, tuple[Xapi, ExitStack]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def get(self, name: str, connect: Callable[[], AbstractContextManager[Xapi]]) -> Xapi:
        """Return the session of this name; ``connect`` opens it where there is none."""
        if name not in self._open:
            stack = ExitStack()
            self._open[name] = (stack.enter_context(connect()), stack)
        return self._open[name][0]

    def close(self, keep: str = "") -> None:
        """End all sessions but the one to keep, as well as it goes; the next use connects anew."""
        for name in [name for name in self._open if name != keep]:
            _, stack = self._open.pop(name)
            stack.close()
