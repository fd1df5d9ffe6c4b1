"""Storage as rows: repositories, their plugs, and the drivers that serve them."""

from dataclasses import dataclass, field

from simulator.database import Database
from simulator.world.hardware import GIB
from simulator.xapi.rows import Row, add, first, rows


@dataclass(frozen=True, kw_only=True)
class NewSr:
    name: str
    type: str
    shared: bool = False
    size: int = 0
    used: int = 0
    content_type: str = "user"
    is_tools_sr: bool = False
    uuid: str | None = None
    device_config: dict[str, str] = field(default_factory=dict)


def add_sr(host: Row, new: NewSr) -> Row:
    """An SR, plugged on one host."""
    identity = {"uuid": new.uuid} if new.uuid else {}
    sr = add(
        host.database,
        "SR",
        name_label=new.name,
        type=new.type,
        content_type=new.content_type,
        shared=new.shared,
        physical_size=new.size,
        physical_utilisation=new.used,
        virtual_allocation=new.used,
        is_tools_sr=new.is_tools_sr,
        other_config={},
        **identity,
    )
    add_pbd(host, sr, new.device_config, attached=True)
    return sr


def add_pbd(host: Row, sr: Row, device_config: dict[str, str], *, attached: bool = False) -> Row:
    return add(
        host.database,
        "PBD",
        host=host.ref,
        SR=sr.ref,
        device_config=dict(device_config),
        currently_attached=attached,
        other_config={},
    )


def is_attached(sr: Row) -> bool:
    """Whether any host has it plugged."""
    return any(pbd.flag("currently_attached") for pbd in sr.all("PBDs", "PBD"))


def plugged_srs(host: Row) -> set[str]:
    """The storages that this host has plugged."""
    return {pbd.text("SR") for pbd in host.all("PBDs", "PBD") if pbd.flag("currently_attached")}


def add_disk(sr: Row, name: str, size_gib: int) -> Row:
    size = size_gib * GIB
    sr.set(
        physical_utilisation=sr.number("physical_utilisation") + size,
        virtual_allocation=sr.number("virtual_allocation") + size,
    )
    return add(
        sr.database,
        "VDI",
        name_label=name,
        SR=sr.ref,
        virtual_size=size,
        physical_utilisation=size,
        type="user",
        sharable=False,
        read_only=False,
        managed=True,
        missing=False,
        other_config={},
    )


def add_driver(database: Database, kind: str, features: dict[str, int]) -> Row:
    return add(
        database,
        "SM",
        name_label=kind,
        type=kind,
        vendor="Vates",
        copyright="",
        version="3.2.12",
        required_api_version="1.0",
        configuration={},
        capabilities=sorted(features),
        features=dict(features),
    )


def share_storage(host: Row, master: Row) -> None:
    """At start: a PBD for every shared SR that the master has (create_storage.ml)."""
    for sr in rows(host.database, "SR", shared=True):
        model = first(host.database, "PBD", SR=sr.ref, host=master.ref)
        if model and first(host.database, "PBD", SR=sr.ref, host=host.ref) is None:
            config = {k: v for k, v in model.mapping("device_config").items() if k != "SRmaster"}
            add_pbd(host, sr, config)
