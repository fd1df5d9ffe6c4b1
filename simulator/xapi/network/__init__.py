"""Networks, PIFs, bonds, VLANs and tunnels: their rows, and what their messages and a start make of them."""

from simulator.xapi.network.rows import (
    NO_VLAN,
    BondPlan,
    add_metrics,
    add_network,
    add_pif,
    create_bond,
    create_tunnel,
    create_vlan,
    metrics_of,
    network_of_bridge,
    next_bridge,
    physical_pifs,
    pif_on,
)

__all__ = [
    "NO_VLAN",
    "BondPlan",
    "add_metrics",
    "add_network",
    "add_pif",
    "create_bond",
    "create_tunnel",
    "create_vlan",
    "metrics_of",
    "network_of_bridge",
    "next_bridge",
    "physical_pifs",
    "pif_on",
]
