"""A second XAPI: several hosts that speak the wire protocol, over a world that can go wrong."""
