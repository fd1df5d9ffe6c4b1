"""Pre-flight checks: pure rules over facts. Importing the package registers them all."""

from pools.checks import pool_create

__all__ = ["pool_create"]
