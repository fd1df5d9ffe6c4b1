"""The two sides of a join, each seen through the host that speaks for it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn

from simulator.database import Database
from simulator.xapi.errors import XapiError
from simulator.xapi.pool.state import pool_of
from simulator.xapi.rows import Row, first, rows


@dataclass(frozen=True)
class PoolView:
    """One side: its database, and the joiner itself or the pool's master."""

    database: Database
    host_uuid: str
    edition_ranks: dict[str, int] | None = None  # None: no licence daemon runs there

    @property
    def pool(self) -> Row:
        return pool_of(self.database)

    @property
    def host(self) -> Row:
        return Row(self.database, "host", self.database.by_uuid("host", self.host_uuid))

    @property
    def hosts(self) -> list[Row]:
        return self.all("host")

    @property
    def management(self) -> Row | None:
        return first(self.database, "PIF", host=self.host.ref, management=True)

    @property
    def software(self) -> dict[str, str]:
        return self.host.mapping("software_version")

    @property
    def brand(self) -> str:
        """product_brand, or platform_name where a host has none."""
        return self.software.get("product_brand") or self.software.get("platform_name", "")

    def all(self, cls: str) -> list[Row]:
        return list(rows(self.database, cls))


@dataclass(frozen=True)
class Joining:
    """What every rule looks at: the joining host and the pool it wants to join."""

    joiner: PoolView
    pool: PoolView


Rule = Callable[[Joining], None]


def refuse(code: str, *params: str) -> NoReturn:
    raise XapiError(code, *params)
