"""VMs: their rows, what may be done with them, where they can run, and their life."""
