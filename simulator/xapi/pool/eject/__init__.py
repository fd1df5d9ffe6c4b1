"""Pool.eject: what must hold, what the server does, what the pool loses, and how the server comes back."""
