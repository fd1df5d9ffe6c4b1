"""All damages, registered."""

from simulator.scenes import damage_network, damage_records
from simulator.scenes.damage import DAMAGES

MODULES = (damage_network, damage_records)

__all__ = ["DAMAGES"]
