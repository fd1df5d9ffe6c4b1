"""What may be done to networks, at random: the arguments are picked from what there is."""

from tests.simulator.operations import Consecutive, Fresh, Number, One

OPERATIONS: dict[str, tuple[object, ...]] = {
    "network.create": ({"name_label": "random", "other_config": {}},),
    "network.destroy": (One("network"),),
    "Bond.create": (Fresh("network"), Consecutive("PIF", 2), "", "balance-slb", {}),
    "Bond.destroy": (One("Bond"),),
    "Bond.set_mode": (One("Bond"), "lacp"),
    "VLAN.create": (One("PIF"), Number(3), Fresh("network")),
    "VLAN.destroy": (One("VLAN"),),
    "pool.create_VLAN_from_PIF": (One("PIF"), Fresh("network"), Number(3)),
    "tunnel.create": (One("PIF"), Fresh("network")),
    "tunnel.destroy": (One("tunnel"),),
    "PIF.plug": (One("PIF"),),
    "PIF.unplug": (One("PIF"),),
    "PIF.forget": (One("PIF"),),
    "PIF.scan": (One("host"),),
    "PIF.reconfigure_ip": (One("PIF", management=False), "Static", "127.99.9.9", "255.255.255.0", "", ""),
    "host.management_reconfigure": (One("PIF"),),
    "VIF.move": (One("VIF"), One("network")),
}
