"""Emptying a host: whether it can be done, and doing it (xapi_host.ml; pool.md 5.2, 5.3)."""
