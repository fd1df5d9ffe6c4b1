"""Pool.join as xapi_pool.ml does it: ordered checks, best-effort copying, role switch."""
