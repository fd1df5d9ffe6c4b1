"""PIF.reconfigure_ip, reconfigure_ipv6 and set_primary_address_type (xapi_pif.ml)."""

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass

from simulator.world.host import HostMachine
from simulator.xapi.forwarding import Tolerance
from simulator.xapi.machines import machine_of_call
from simulator.xapi.network.on_host import on_host
from simulator.xapi.network.pif_checks import assert_managed, assert_no_clustering, assert_no_protection, refuse
from simulator.xapi.network.plug import bring_up
from simulator.xapi.registry import Call, message
from simulator.xapi.rows import Row

V4, V6 = 4, 6
OTHER = {V4: V6, V6: V4}


@dataclass(frozen=True)
class Settings:
    """The arguments of PIF.reconfigure_ip."""

    mode: str
    address: str
    netmask: str
    gateway: str
    dns: str

    @property
    def fields(self) -> dict[str, object]:
        return {
            "ip_configuration_mode": self.mode,
            "IP": self.address,
            "netmask": self.netmask,
            "gateway": self.gateway,
        }

    def changes_dns_only(self, pif: Row) -> bool:
        return self.mode == "Static" and pif.fields(*self.fields) == self.fields

    def check(self) -> None:
        """Static needs address and netmask; what is given at all must be an address."""
        needed = {"IP", "netmask"} if self.mode == "Static" else set()
        for name, value in (("IP", self.address), ("netmask", self.netmask), ("gateway", self.gateway)):
            if value or name in needed:
                refuse(not _is_ip(value, V4), "INVALID_IP_ADDRESS_SPECIFIED", name)
        _check_dns(self.dns)


@dataclass(frozen=True)
class SettingsV6:
    """The arguments of PIF.reconfigure_ipv6; the address has its prefix with it."""

    mode: str
    address: str
    gateway: str
    dns: str

    def check(self) -> None:
        refuse(self.gateway and not _is_ip(self.gateway, V6), "INVALID_IP_ADDRESS_SPECIFIED", "gateway")
        wanted = self.address or self.mode == "Static"
        refuse(wanted and not _is_cidr(self.address), "INVALID_CIDR_ADDRESS_SPECIFIED", "IPv6")
        _check_dns(self.dns)


@message("PIF", "reconfigure_ip")
def pif_reconfigure_ip(call: Call, pif_ref: str, *rest: str) -> None:
    """Mode, IP, netmask, gateway, DNS; an unplugged PIF, or a bond's member, changes in the database only."""
    pif, settings = Row(call.host.database, "PIF", pif_ref), Settings(*rest)

    def work(machine: HostMachine) -> None:
        assert_managed(pif)
        if not settings.changes_dns_only(pif):
            assert_no_protection(pif)
            assert_no_clustering(pif)
        settings.check()
        _refuse_to_strip_management(pif, settings.mode, "IPv4")
        pif.set(DNS=_merged_dns(pif, settings.dns, V4), **settings.fields)
        _apply(machine, pif)

    _reconfigure(call, pif, work)


@message("PIF", "reconfigure_ipv6")
def pif_reconfigure_ipv6(call: Call, pif_ref: str, *rest: str) -> None:
    """Mode, IPv6, gateway, DNS: one address is kept."""
    pif, settings = Row(call.host.database, "PIF", pif_ref), SettingsV6(*rest)

    def work(machine: HostMachine) -> None:
        assert_managed(pif)
        assert_no_protection(pif)
        assert_no_clustering(pif)
        settings.check()
        _refuse_to_strip_management(pif, settings.mode, "IPv6")
        pif.set(
            ipv6_configuration_mode=settings.mode,
            IPv6=[settings.address],
            ipv6_gateway=settings.gateway,
            DNS=_merged_dns(pif, settings.dns, V6),
        )
        _apply(machine, pif)

    _reconfigure(call, pif, work)


@message("PIF", "set_primary_address_type")
def pif_set_primary_address_type(call: Call, pif_ref: str, kind: str) -> None:
    pif = Row(call.host.database, "PIF", pif_ref)

    def work(_machine: HostMachine) -> None:
        assert_no_protection(pif)
        refuse(pif.flag("management"), "PIF_IS_MANAGEMENT_INTERFACE", pif.ref)
        pif.set(primary_address_type=kind)

    on_host(call, pif.text("host"), work)


def _reconfigure(call: Call, pif: Row, work: Callable[[HostMachine], None]) -> None:
    """A lost reply is waited for; the task of the call stays pending all the while, so it never comes."""
    seconds = machine_of_call(call).world.timing.reconfigure_tolerance

    def done() -> bool:
        task = call.task.ref if call.task else ""
        known = call.host.database.has("task", task)
        return known and call.host.database.field("task", task, "status") != "pending"

    on_host(call, pif.text("host"), work, Tolerance(seconds, done))


def _refuse_to_strip_management(pif: Row, mode: str, kind: str) -> None:
    stripped = mode == "None" and pif.flag("management") and pif.text("primary_address_type") == kind
    refuse(stripped, "PIF_IS_MANAGEMENT_INTERFACE", pif.ref)


def _apply(machine: HostMachine, pif: Row) -> None:
    """Only what is plugged is plugged anew; should that fail, it is left unplugged."""
    if pif.flag("currently_attached"):
        pif.set(currently_attached=False)
        bring_up(machine, pif, management=pif.flag("management"))


def _check_dns(servers: str) -> None:
    for server in servers.split(",") if servers else ():
        refuse(not (_is_ip(server, V4) or _is_ip(server, V6)), "INVALID_IP_ADDRESS_SPECIFIED", "DNS")


def _merged_dns(pif: Row, given: str, version: int) -> str:
    """One list for both families: those of the other family stay."""
    mine = [server for server in given.split(",") if _is_ip(server, version)]
    others = [server for server in pif.text("DNS").split(",") if _is_ip(server, OTHER[version])]
    return ",".join([*mine, *others] if version == V4 else [*others, *mine])


def _is_ip(text: str, version: int) -> bool:
    try:
        return ipaddress.ip_address(text).version == version
    except ValueError:
        return False


def _is_cidr(text: str) -> bool:
    try:
        return "/" in text and bool(ipaddress.IPv6Interface(text))
    except ValueError:
        return False
