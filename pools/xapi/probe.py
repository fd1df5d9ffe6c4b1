"""What a server is: its role, its pool and its build, asked with one login."""

from dataclasses import asdict, dataclass
from typing import Self

from pools.xapi.endpoint import Endpoint, Login
from pools.xapi.errors import XapiFailure
from pools.xapi.gateway import open_session
from pools.xapi.inventory import Snapshot
from pools.xapi.limits import LIMITS, Limits

NEEDED = ("pool", "host")
NOBODY = Login(username="xenweb-asks-for-the-coordinator", password="")


@dataclass(frozen=True, kw_only=True)
class ServerAnswer:
    """``role`` is standalone, coordinator or member; a member tells only where its coordinator is."""

    role: str
    coordinator_address: str = ""
    pool_uuid: str = ""
    pool_name: str = ""
    host_uuid: str = ""
    host_name: str = ""
    hosts: int = 0
    brand: str = ""
    version: str = ""
    cpu_vendor: str = ""
    cpu_model: str = ""
    cpu_count: str = ""
    edition: str = ""

    def to_json(self) -> dict[str, object]:
        return asdict(self)

    @classmethod
    def from_json(cls, stored: dict[str, object]) -> Self:
        return cls(**{key: value for key, value in stored.items() if key in cls.__dataclass_fields__})  # type: ignore[arg-type]


def probe_server(endpoint: Endpoint, login: Login, limits: Limits = LIMITS) -> ServerAnswer:
    """Sign in and see what answers."""
    try:
        with open_session(endpoint, login, limits=limits) as xapi:
            return describe(Snapshot.from_wire(xapi.snapshot(NEEDED)))
    except XapiFailure as failure:
        if failure.code != "HOST_IS_SLAVE" or not failure.params:
            raise
        return ServerAnswer(role="member", coordinator_address=failure.params[0])


def describe(snapshot: Snapshot) -> ServerAnswer:
    """XAPI knows no standalone servers: one is the coordinator of a nameless pool of one."""
    pool, host = snapshot.pool, snapshot.master
    software, cpu = host.software_version, host.cpu_info
    alone = len(snapshot.hosts) == 1 and not pool.name_label
    return ServerAnswer(
        role="standalone" if alone else "coordinator",
        coordinator_address=host.address,
        pool_uuid=pool.uuid,
        pool_name=pool.name_label,
        host_uuid=host.uuid,
        host_name=host.name_label,
        hosts=len(snapshot.hosts),
        brand=software.get("product_brand", "") or software.get("platform_name", ""),
        version=software.get("product_version", ""),
        cpu_vendor=cpu.get("vendor", ""),
        cpu_model=cpu.get("modelname", ""),
        cpu_count=cpu.get("cpu_count", ""),
        edition=host.edition,
    )


def coordinator_of(endpoint: Endpoint, limits: Limits = LIMITS) -> str:
    """Return the coordinator's address as the server itself names it; empty when it is no member.

    A member answers HOST_IS_SLAVE before it looks at a password (xapi_session.ml), so none is sent.
    """
    try:
        with open_session(endpoint, NOBODY, limits=limits):
            return ""
    except XapiFailure as failure:
        return failure.params[0] if failure.code == "HOST_IS_SLAVE" and failure.params else ""
