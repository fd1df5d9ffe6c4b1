"""Messages that take a server's network apart, and put it together again; and the trust between hosts."""

from collections.abc import Mapping, Sequence

from pools.xapi.calls.caller import Caller


class FixingCalls(Caller):
    """Messages that fixes send; each returns its task's reference."""

    def bond_destroy(self, bond: str) -> str:
        """Async.Bond.destroy: addresses, VLANs and VIFs move to the primary member."""
        return self._submit("Async.Bond.destroy", bond)

    def bond_create(self, network: str, members: Sequence[str], mode: str, properties: Mapping[str, str]) -> str:
        """Async.Bond.create with the MAC of its primary member."""
        return self._submit("Async.Bond.create", network, tuple(members), "", mode, properties)

    def vlan_destroy(self, vlan: str) -> str:
        """Async.VLAN.destroy."""
        return self._submit("Async.VLAN.destroy", vlan)

    def vlan_create(self, tagged_pif: str, tag: int, network: str) -> str:
        """Async.VLAN.create."""
        return self._submit("Async.VLAN.create", tagged_pif, str(tag), network)

    def tunnel_destroy(self, tunnel: str) -> str:
        """Async.tunnel.destroy."""
        return self._submit("Async.tunnel.destroy", tunnel)

    def tunnel_create(self, transport_pif: str, network: str, protocol: str) -> str:
        """Async.tunnel.create."""
        return self._submit("Async.tunnel.create", transport_pif, network, protocol)

    def pool_enable_tls_verification(self) -> None:
        """pool.enable_tls_verification: there is no way back."""
        self._write("pool.enable_tls_verification")

    def host_restart_agent(self, host: str) -> None:
        """host.restart_agent: XAPI replies, and restarts after that."""
        self._write("host.restart_agent", host)
