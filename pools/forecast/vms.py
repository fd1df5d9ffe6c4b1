"""Whether a joining server's VMs come along, and on which networks (import.ml, importexport.ml)."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class VMConflict:
    """A VM that cannot be imported; then none of the server's VMs is, and the join says nothing of it."""

    code: str
    vm: str
    other: str
    theirs: str = ""
    ours: str = ""


@dataclass(frozen=True, kw_only=True)
class Crossing:
    """A VIF that ends on another network than where its own network goes."""

    vm: str
    device: str
    network: str
    lands_on: str
    lands_on_uuid: str


@dataclass(frozen=True, kw_only=True)
class VMForecast:
    """``coming`` are the uuids that the pool has after the join: VMs and templates of the server, not its dom0."""

    coming: tuple[str, ...] = ()
    staying_behind: tuple[str, ...] = ()
    conflicts: tuple[VMConflict, ...] = ()
    crossings: tuple[Crossing, ...] = ()
