"""What a joining server's edition does to the pool's licence (features.ml, license_init.ml)."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class LicenceForecast:
    """``lost`` are names of features that the pool has now and will not have: one member without them is enough."""

    edition: str = ""
    pool_edition: str = ""
    lost: tuple[str, ...] = ()
