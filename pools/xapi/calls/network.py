"""Messages of interfaces: addresses, and which of them carries management."""

from dataclasses import dataclass

from pools.xapi.calls.caller import Caller


@dataclass(frozen=True, kw_only=True)
class Address:
    """An IPv4 configuration; ``mode``: "None", "DHCP" or "Static", for which the rest is. ``dns``: comma-separated."""

    mode: str
    ip: str = ""
    netmask: str = ""
    gateway: str = ""
    dns: str = ""


class NetworkCalls(Caller):
    """The network messages of a session."""

    def pif_reconfigure_ip(self, pif: str, address: Address) -> str:
        """Async.PIF.reconfigure_ip; returns the task's reference."""
        values = (address.mode, address.ip, address.netmask, address.gateway, address.dns)
        return self._submit("Async.PIF.reconfigure_ip", pif, *values)

    def pif_plug(self, pif: str) -> str:
        """Async.PIF.plug; returns the task's reference."""
        return self._submit("Async.PIF.plug", pif)

    def host_management_reconfigure(self, pif: str) -> str:
        """Async.host.management_reconfigure: this interface carries the management of its host from now on."""
        return self._submit("Async.host.management_reconfigure", pif)
