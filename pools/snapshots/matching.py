"""What of a saved network a server has now: the same card, bond, VLAN or tunnel, whatever its UUID is by now."""

from collections.abc import Collection

from pools.snapshots.data import Interface, NetworkData
from pools.snapshots.diff import Compared, Difference, How, difference
from pools.snapshots.items import What

OF_NETWORK = frozenset({"network", "description", "MTU", "network settings", "tags", "purposes", "VIF locking"})
OF_ADDRESS = frozenset(
    {
        "IPv4",
        "IPv4 address",
        "gateway",
        "name servers",
        "primary address",
        "IPv6",
        "IPv6 address",
        "IPv6 gateway",
        "may not be unplugged",
        "settings",
        "GRO",
    }
)
COVERED: dict[What, frozenset[str]] = {
    What.BOND: frozenset({"", "members", "mode", "properties", "own MAC"}) | OF_NETWORK,
    What.NETWORK: OF_NETWORK | {""},
    What.VLAN: frozenset({"", "on"}) | OF_NETWORK,
    What.TUNNEL: frozenset({"", "on", "protocol"}) | OF_NETWORK,
    What.ADDRESS: OF_ADDRESS | {""},
    What.MANAGEMENT: frozenset(),
}


def how(saved: NetworkData, now: NetworkData) -> How:
    return How(by_mac=True, by_network=saved.place.pool_uuid == now.place.pool_uuid)


def counterpart(saved: NetworkData, now: NetworkData, about: str) -> Interface | None:
    """The interface of now that is the saved one with this key."""
    interface = saved.interface(about)
    if interface is None:
        return None
    key, after = Compared(data=saved, how=how(saved, now)).key(interface), Compared(data=now, how=how(saved, now))
    return next((each for each in now.interfaces if after.key(each) == key), None)


def missing(saved: NetworkData, now: NetworkData, about: str, what: What) -> list[Difference]:
    """What of an item is not as it was saved."""
    interface = saved.interface(about)
    if interface is None:
        return []
    key, fields = Compared(data=saved, how=how(saved, now)).key(interface), COVERED[what]
    return [each for each in difference(saved, now) if each.key == key and concerns(each, fields)]


def concerns(found: Difference, fields: Collection[str]) -> bool:
    return found.what in fields
