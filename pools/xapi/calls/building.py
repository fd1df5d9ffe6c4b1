"""Messages that set up a server's network: networks, and what stands with an interface."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pools.xapi.calls.caller import Caller


@dataclass(frozen=True, kw_only=True)
class NewNetwork:
    """A network to be made. ``mark``: the value by which it is found again after a lost reply."""

    name: str
    description: str
    mtu: int
    mark: str
    settings: Mapping[str, str] = field(default_factory=dict)
    tags: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class NewBond:
    """A bond to be made; ``members``: references, the primary one first. ``mac``: empty for the primary one's."""

    network: str
    members: Sequence[str]
    mode: str
    mac: str = ""
    properties: Mapping[str, str] = field(default_factory=dict)


MARK = "xenweb-made-for"


class BuildingCalls(Caller):
    """What has no task ends with its reply."""

    def network_create(self, network: NewNetwork) -> None:
        """network.create, marked so that it can be found."""
        self._write(
            "network.create",
            {
                "name_label": network.name,
                "name_description": network.description,
                "MTU": str(network.mtu),
                "other_config": {**network.settings, MARK: network.mark},
                "bridge": "",
                "managed": True,
                "tags": tuple(network.tags),
            },
        )

    def bond_make(self, bond: NewBond) -> str:
        """Async.Bond.create; returns the task's reference."""
        values = (bond.network, tuple(bond.members), bond.mac, bond.mode, bond.properties)
        return self._submit("Async.Bond.create", *values)

    def pif_scan(self, host: str) -> str:
        """Async.PIF.scan: cards that have no interface get one."""
        return self._submit("Async.PIF.scan", host)

    def pif_reconfigure_ipv6(self, pif: str, values: tuple[str, str, str, str]) -> str:
        """Async.PIF.reconfigure_ipv6 with mode, address with prefix, gateway, name servers."""
        return self._submit("Async.PIF.reconfigure_ipv6", pif, *values)

    def pif_set_disallow_unplug(self, pif: str, *, value: bool) -> None:
        self._write("PIF.set_disallow_unplug", pif, value)

    def pif_add_to_other_config(self, pif: str, key: str, value: str) -> None:
        """Replaces what is there: XAPI itself refuses a key that exists."""
        self._write("PIF.remove_from_other_config", pif, key)
        self._write("PIF.add_to_other_config", pif, key, value)

    def pif_set_primary_address_type(self, pif: str, kind: str) -> None:
        self._write("PIF.set_primary_address_type", pif, kind)

    def pif_set_property(self, pif: str, name: str, value: str) -> None:
        self._write("PIF.set_property", pif, name, value)

    def network_set_name_label(self, network: str, text: str) -> None:
        self._write("network.set_name_label", network, text)

    def network_set_name_description(self, network: str, text: str) -> None:
        self._write("network.set_name_description", network, text)

    def network_set_default_locking_mode(self, network: str, mode: str) -> None:
        self._write("network.set_default_locking_mode", network, mode)

    def network_set_mtu(self, network: str, mtu: int) -> None:
        self._write("network.set_MTU", network, str(mtu))

    def network_add_tags(self, network: str, tag: str) -> None:
        self._write("network.add_tags", network, tag)

    def network_add_purpose(self, network: str, purpose: str) -> None:
        self._write("network.add_purpose", network, purpose)

    def network_add_to_other_config(self, network: str, key: str, value: str) -> None:
        """Replaces what is there: XAPI itself refuses a key that exists."""
        self._write("network.remove_from_other_config", network, key)
        self._write("network.add_to_other_config", network, key, value)
