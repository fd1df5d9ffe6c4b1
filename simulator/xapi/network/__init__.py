"""Networks, PIFs, bonds, VLANs and tunnels: their rows, and what their messages and a start make of them."""
