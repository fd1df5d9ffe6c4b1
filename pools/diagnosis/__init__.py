"""What is wrong with the networks of a pool's members, and what XAPI will make of it by itself; pure."""

from pools.diagnosis.diagnose import diagnose
from pools.diagnosis.mismatch import Kind, Mismatch

__all__ = ["Kind", "Mismatch", "diagnose"]
