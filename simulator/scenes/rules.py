"""All spoilers, registered."""

from simulator.scenes import spoil_network, spoil_software, spoil_state
from simulator.scenes.spoil import SPOILERS, Refusal, spoil, spoil_in_scene

MODULES = (spoil_state, spoil_network, spoil_software)

__all__ = ["SPOILERS", "Refusal", "spoil", "spoil_in_scene"]
