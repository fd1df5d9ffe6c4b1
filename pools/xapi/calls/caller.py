"""What every group of messages is made of: one way to read, two ways to change something."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from pools.xapi.endpoint import Secret

Param: TypeAlias = "str | bool | Sequence[Param] | Mapping[str, Param]"
"""What a message takes: references and integers are texts on the wire."""


class Caller(ABC):
    """A session that can send messages."""

    @abstractmethod
    def _submit(self, method: str, *params: Param) -> str:
        """Send an Async call, at most once; returns the task's reference."""

    @abstractmethod
    def _write(self, method: str, *params: Param) -> None:
        """Send a changing call without a task, at most once."""

    @abstractmethod
    def _text(self, method: str, *params: str) -> str:
        """Read a text."""

    @abstractmethod
    def _pool_ref(self) -> str:
        """Return the reference of the one pool."""


def texts_of(param: Param) -> list[str]:
    """Every text in a param, to be looked at before it is sent."""
    if isinstance(param, str):
        return [param]
    if isinstance(param, bool):
        return []
    if isinstance(param, Mapping):
        return [*param, *(text for value in param.values() for text in texts_of(value))]
    return [text for item in param for text in texts_of(item)]


def plain(param: Param) -> object:
    """Return the param as the XML-RPC library takes it, secrets unwrapped."""
    if isinstance(param, str):
        return str.__str__(param)
    if isinstance(param, bool):
        return param
    if isinstance(param, Mapping):
        return {key: plain(value) for key, value in param.items()}
    return [plain(item) for item in param]


def shown(param: Param, mask: str) -> str:
    """Write a param for people; a secret is masked."""
    if isinstance(param, Secret):
        return mask
    if isinstance(param, str):
        return param
    if isinstance(param, Mapping):
        return ", ".join(f"{key}={shown(value, mask)}" for key, value in param.items())
    return str(param).lower() if isinstance(param, bool) else ", ".join(shown(item, mask) for item in param)
