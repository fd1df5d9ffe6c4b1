"""What forbids that a server is removed from its pool, in the order of pool.eject's own checks, and what to know."""
