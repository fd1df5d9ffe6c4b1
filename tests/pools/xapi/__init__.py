"""The gateway, against the simulator and against servers that misbehave."""
