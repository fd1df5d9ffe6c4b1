"""What becomes of a joining server's storage, and what of the pool's it must reach (create_storage.ml)."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class StorageName:
    """An SR, as a person knows it."""

    uuid: str
    name: str
    type: str


@dataclass(frozen=True, kw_only=True)
class StorageForecast:
    """``default_lost``: the SR that is the server's default and not the pool's; ``plugged``: the pool's shared SRs."""

    default_lost: str = ""
    coming: tuple[StorageName, ...] = ()
    plugged: tuple[StorageName, ...] = ()
