"""Pools: join, start, heartbeats, a change of master, HA, and eject."""
