"""A new secret for a pool: what its servers prove to each other that they belong to it."""
