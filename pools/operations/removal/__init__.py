"""Removing servers from a pool: each step's own module, in the order of the plan."""
