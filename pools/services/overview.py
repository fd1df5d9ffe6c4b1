"""Pools and servers as the pages show them, from the stored inventory alone: readable when the pool is down."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from pools.models import Inventory, Pool, Server
from pools.xapi.inventory import Snapshot
from pools.xapi.messages import Explanation, explain
from pools.xapi.records import HostRecord

STALE_AFTER = timedelta(minutes=3)


@dataclass(frozen=True, kw_only=True)
class ServerRow:
    """A server in a list: the stored row and what the inventory says of it."""

    server: Server
    host: HostRecord
    live: bool
    is_coordinator: bool
    memory_total: int
    memory_free: int
    has_left: bool = False

    @property
    def state(self) -> str:
        """One word for the badge: live and enabled, disabled, offline, or unknown to the inventory."""
        if not self.host.ref:
            return "left" if self.has_left else "unknown"
        if not self.live:
            return "offline"
        return "enabled" if self.host.enabled else "disabled"

    @property
    def version(self) -> str:
        return version_of(self.host)

    @property
    def cpu(self) -> str:
        return self.host.cpu_info.get("modelname", "") or self.host.cpu_info.get("vendor", "")

    @property
    def cpu_count(self) -> str:
        return self.host.cpu_info.get("cpu_count", "")


@dataclass(frozen=True, kw_only=True)
class PoolView:
    """A pool with its members, as old as ``as_of``; ``left``: servers that it did not list any more."""

    pool: Pool
    snapshot: Snapshot
    servers: tuple[ServerRow, ...]
    left: tuple[ServerRow, ...]
    as_of: datetime | None
    problem: Explanation | None

    @property
    def is_standalone(self) -> bool:
        """A pool of one without a name is what XenCenter and we call a standalone server."""
        return len(self.servers) == 1 and not self.pool.name_label

    @property
    def outdated(self) -> bool:
        return self.as_of is None or timezone.now() - self.as_of > STALE_AFTER

    @property
    def live_count(self) -> int:
        return sum(row.live for row in self.servers)

    @property
    def state(self) -> str:
        """One word for the badge, worst first."""
        if self.problem or self.as_of is None:
            return "unreachable"
        if self.live_count < len(self.servers):
            return "degraded"
        return "healthy" if all(row.host.enabled for row in self.servers) else "disabled"

    @property
    def coordinator(self) -> ServerRow | None:
        return next((row for row in self.servers if row.is_coordinator), None)

    @property
    def versions(self) -> list[str]:
        return sorted({row.version for row in self.servers if row.version})

    @property
    def memory_total(self) -> int:
        return sum(row.memory_total for row in self.servers)

    @property
    def memory_free(self) -> int:
        return sum(row.memory_free for row in self.servers)

    @property
    def running_vms(self) -> int:
        """Count VMs that run; the control domains are XAPI's own."""
        return sum(vm.power_state == "Running" and not vm.is_control_domain for vm in self.snapshot.vms.values())


def pool_view(pool: Pool) -> PoolView:
    """Build one pool's view from its stored inventory."""
    inventory: Inventory | None = getattr(pool, "inventory", None)
    snapshot = Snapshot.from_wire(inventory.records) if inventory else Snapshot()
    rows = [server_row(server, snapshot, pool) for server in pool.servers.all()]
    rows.sort(key=lambda row: (not row.is_coordinator, row.server.name_label.casefold()))
    failed = inventory is not None and bool(inventory.error_code)
    return PoolView(
        pool=pool,
        snapshot=snapshot,
        servers=tuple(row for row in rows if not row.has_left),
        left=tuple(row for row in rows if row.has_left),
        as_of=inventory.as_of if inventory else None,
        problem=explain(inventory.error_code, inventory.error_params) if inventory and failed else None,
    )


def server_row(server: Server, snapshot: Snapshot, pool: Pool) -> ServerRow:
    """Join a stored server with its host record; a server the pool does not report keeps an empty record."""
    host = snapshot.host(server.uuid) or HostRecord(ref="", uuid=server.uuid, name_label=server.name_label)
    metrics = snapshot.host_metrics.get(host.metrics)
    return ServerRow(
        server=server,
        host=host,
        live=snapshot.is_live(host),
        is_coordinator=pool.coordinator_id == server.pk,
        has_left=bool(snapshot.hosts) and not host.ref,
        memory_total=metrics.memory_total if metrics else 0,
        memory_free=metrics.memory_free if metrics else 0,
    )


def estate(pools: Iterable[Pool]) -> tuple[list[PoolView], list[PoolView]]:
    """Split what a person sees into pools and standalone servers, each sorted by name."""
    views = sorted((pool_view(pool) for pool in pools), key=lambda view: str(view.pool).casefold())
    return [v for v in views if not v.is_standalone], [v for v in views if v.is_standalone]


def version_of(host: HostRecord) -> str:
    """Return brand and version as people write it, from ``software_version``."""
    software = host.software_version
    brand = software.get("product_brand") or software.get("platform_name", "")
    number = software.get("product_version_text_short") or software.get("product_version", "")
    return f"{brand} {software.get('product_version') or number}".strip()
