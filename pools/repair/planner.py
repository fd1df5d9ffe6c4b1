"""From a member's network as it is to the one that is wanted: the changes, in an order that cuts nobody off."""

from collections.abc import Sequence
from dataclasses import dataclass

from pools.repair.changes import Change
from pools.snapshots.data import Address, NetworkData


class Impossible(Exception):
    """There is no safe way, and ``code`` with ``params`` says why (a card in pools/xapi/messages)."""

    def __init__(self, code: str, *params: str) -> None:
        self.code = code
        self.params = params
        super().__init__(code)


@dataclass(frozen=True, kw_only=True)
class Way:
    """What a person decides about the way. ``temporary``: where management answers while its NICs are exchanged."""

    temporary: Address | None = None


@dataclass(frozen=True, kw_only=True)
class Plan:
    """``after``: the member's network when all is done, as XAPI will have it."""

    changes: tuple[Change, ...] = ()
    after: NetworkData
    warnings: Sequence[tuple[str, tuple[str, ...]]] = ()


def plan(now: NetworkData, target: NetworkData, way: Way | None = None) -> Plan:
    """Raises ``Impossible``. What ``target`` does not say of a VIF stays where ``now`` has it."""
    raise NotImplementedError
