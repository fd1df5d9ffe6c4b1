"""What a server comes back as after pool.eject (xapi_pool.ml, eject_self; scripts/reset-and-reboot, network-init)."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from pools.forecast.interfaces import bond_of, card_below, label, lower
from pools.xapi.inventory import Snapshot
from pools.xapi.records import HostRecord, PIFRecord

UNTAGGED: Final = -1
NO_ADDRESS: Final = "None"
STATIC: Final = "Static"
HOST_CERTIFICATE: Final = "host"
PASSWORD: Final = "the password of root in the pool, not the one from before it joined"  # noqa: S105 - words about it


class Danger(StrEnum):
    """Why the server may stay dark, or come back as something else."""

    LACP = "lacp"
    NO_CARRIER = "no carrier"
    RENAMED = "renamed"
    NAMES_UNKNOWN = "names unknown"
    NO_MANAGEMENT = "no management"
    DHCP = "dhcp"
    NOT_READ = "not read"


@dataclass(frozen=True, kw_only=True)
class Warned:
    """``loud``: the server is probably not reachable afterwards."""

    danger: Danger
    text: str
    loud: bool = False


@dataclass(frozen=True, kw_only=True)
class ComeBack:
    """``device`` and ``mac``: the card that carries management. ``lost_…``: in words, one of each."""

    host_uuid: str
    name: str = ""
    hostname: str = ""
    device: str = ""
    mac: str = ""
    vlan: int = UNTAGGED
    mode: str = NO_ADDRESS
    address: str = ""
    netmask: str = ""
    gateway: str = ""
    dns: str = ""
    ipv6_mode: str = NO_ADDRESS
    ipv6: str = ""
    ipv6_gateway: str = ""
    from_bond: str = ""
    networks: int = 0
    lost_bonds: tuple[str, ...] = ()
    lost_vlans: tuple[str, ...] = ()
    lost_networks: tuple[str, ...] = ()
    lost_addresses: tuple[str, ...] = ()
    password: str = PASSWORD
    certificate: str = ""
    tls_verification: bool = True
    warnings: tuple[Warned, ...] = ()

    @property
    def is_reachable(self) -> bool:
        """Whether nothing speaks loudly against it."""
        return not any(warned.loud for warned in self.warnings)


def come_back_of(pool: Snapshot, host_uuid: str) -> ComeBack:
    """Foretell it; a server that the pool does not know comes back as nothing that could be said."""
    host = pool.host(host_uuid)
    if host is None:
        return ComeBack(host_uuid=host_uuid, warnings=(not_read("The pool does not know this server."),))
    pif = pool.management_pif(host)
    return replace(
        management(pool, pif) if pif else ComeBack(host_uuid=host_uuid),
        host_uuid=host_uuid,
        name=host.name_label,
        hostname=host.hostname,
        networks=len(cards(pool, host)) + (pif is not None and pif.VLAN >= 0),
        lost_bonds=tuple(lost_bonds(pool, host)),
        lost_vlans=tuple(label(pool, each) for each in pool.pifs_of(host) if each.VLAN >= 0 and each != pif),
        lost_networks=tuple(lost_networks(pool, host)),
        lost_addresses=tuple(lost_addresses(pool, host)),
        certificate=certificate_of(pool, host),
        warnings=tuple(warnings(pool, host, pif)),
    )


def management(pool: Snapshot, pif: PIFRecord) -> ComeBack:
    """What eject_self writes to management.conf: a bond shrinks to its primary member, a VLAN keeps its tag."""
    card, bond = card_below(pool, pif), bond_of(pool, lower(pool, pif) or pif)
    after = labelled(pool, card)
    static, static6 = pif.ip_configuration_mode == STATIC, pif.ipv6_configuration_mode == STATIC
    return ComeBack(
        host_uuid="",
        device=card.device,
        mac=after.MAC if after else "",
        vlan=pif.VLAN,
        mode=pif.ip_configuration_mode,
        address=pif.IP,
        netmask=pif.netmask if static else "",
        gateway=pif.gateway if static else "",
        dns=pif.DNS if static or static6 else "",
        ipv6_mode=pif.ipv6_configuration_mode,
        ipv6=next(iter(pif.IPv6), "") if static6 else "",
        ipv6_gateway=pif.ipv6_gateway if static6 else "",
        from_bond=label(pool, pool.pifs[bond.master]) if bond and bond.master in pool.pifs else "",
    )


def cards(pool: Snapshot, host: HostRecord) -> list[PIFRecord]:
    return [pif for pif in pool.pifs_of(host) if pif.physical]


def slot(pool: Snapshot, pif: PIFRecord) -> str:
    metrics = pool.pif_metrics.get(pif.metrics)
    return metrics.pci_bus_path if metrics else ""


def fresh_names(pool: Snapshot, host_ref: str) -> dict[str, PIFRecord] | None:
    """The cards by the names of a fresh installation, in the order of their slots (network_server.ml, reset_state).

    None where that order cannot be told: a slot is unknown, or the names are the kernel's own (eno1).
    """
    nics = [pif for pif in pool.pifs.values() if pif.host == host_ref and pif.physical]
    slots = {slot(pool, pif) for pif in nics}
    if "" in slots or len(slots) < len(nics) or not all(pif.device.startswith("eth") for pif in nics):
        return None
    return {f"eth{place}": pif for place, pif in enumerate(sorted(nics, key=lambda pif: slot(pool, pif)))}


def labelled(pool: Snapshot, card: PIFRecord) -> PIFRecord | None:
    """The card that has this one's name after the reboot: only the name was written down."""
    names = fresh_names(pool, card.host)
    return card if names is None else names.get(card.device)


def lost_bonds(pool: Snapshot, host: HostRecord) -> Iterator[str]:
    for pif in pool.pifs_of(host):
        bond = bond_of(pool, pif)
        if bond:
            members = sorted(pool.pifs[ref].device for ref in bond.slaves if ref in pool.pifs)
            yield f"{label(pool, pif)}: {' + '.join(members)}, {bond.mode}"


def lost_networks(pool: Snapshot, host: HostRecord) -> Iterator[str]:
    """Every network is made anew, with a name of XAPI's; names that people gave are gone."""
    refs = {pif.network for pif in pool.pifs_of(host)}
    names = {pool.networks[ref].name_label for ref in refs if ref in pool.networks}
    yield from sorted(name for name in names if not name.startswith("Pool-wide network"))


def lost_addresses(pool: Snapshot, host: HostRecord) -> Iterator[str]:
    for pif in pool.pifs_of(host):
        has_one = {pif.ip_configuration_mode, pif.ipv6_configuration_mode} != {NO_ADDRESS}
        if has_one and not pif.management:
            addresses = ", ".join(text for text in (pif.IP, *pif.IPv6) if text) or pif.ip_configuration_mode
            yield f"{addresses} on {label(pool, pif)}"


def certificate_of(pool: Snapshot, host: HostRecord) -> str:
    """The fingerprint that the server goes on to show: reset-and-reboot keeps xapi-ssl.pem."""
    shown = [each for each in pool.certificates.values() if each.host == host.ref and each.type == HOST_CERTIFICATE]
    return next((each.fingerprint_sha256 or each.fingerprint for each in shown), "")


def warnings(pool: Snapshot, host: HostRecord, pif: PIFRecord | None) -> Iterator[Warned]:
    """Everything for which somebody should stand at the console."""
    missing = pool.unread & {"pif", "bond", "vlan", "network", "pif_metrics"}
    if missing:
        yield not_read(f"The pool did not say all: {', '.join(sorted(missing))}.")
    if not pool.is_live(host):
        yield not_read(f"{host.name_label} does not report to the pool; this is what the pool last knew.")
    if pif is None:
        text = f"No interface of {host.name_label} carries management: it comes back without an address."
        yield Warned(danger=Danger.NO_MANAGEMENT, text=text, loud=True)
    else:
        yield from of_switch(pool, pif)
        yield from of_names(pool, card_below(pool, pif))
        yield from of_leases(pif)


def of_switch(pool: Snapshot, pif: PIFRecord) -> Iterator[Warned]:
    """A single card on ports that wait for LACP hears nothing; neither does one without a link."""
    card, bond = card_below(pool, pif), bond_of(pool, lower(pool, pif) or pif)
    if bond and bond.mode == "lacp":
        text = (
            f"Management leaves its LACP bond and continues on {card.device} alone. Where the switch ports pass "
            "traffic only after LACP was agreed, the server is dark. Ask for LACP fallback (or a port without LACP) "
            f"for {card.device}, or have the console runbook at hand."
        )
        yield Warned(danger=Danger.LACP, text=text, loud=True)
    after = labelled(pool, card)
    metrics = pool.pif_metrics.get(after.metrics) if after else None
    if metrics and not metrics.carrier:
        text = f"{card.device}, on which management continues, has no link. Plug its cable in before the removal."
        yield Warned(danger=Danger.NO_CARRIER, text=text, loud=True)


def of_names(pool: Snapshot, card: PIFRecord) -> Iterator[Warned]:
    """Names of cards go back to those of a fresh installation; what was written down is the name."""
    after = labelled(pool, card)
    if fresh_names(pool, card.host) is None:
        text = "The order of this server’s cards after the reboot cannot be foretold: compare MACs when it is back."
        yield Warned(danger=Danger.NAMES_UNKNOWN, text=text)
    elif after is None or after.ref != card.ref:
        now = f"the card {after.MAC}" if after else "no card"
        text = (
            f"The cards of this server were renamed. After the reboot {card.device} is {now}, not {card.MAC} as now: "
            "management comes up on another cable. Have the console runbook at hand."
        )
        yield Warned(danger=Danger.RENAMED, text=text, loud=True)


def of_leases(pif: PIFRecord) -> Iterator[Warned]:
    """The card asks with its own MAC; that of a bond may have been another one."""
    if pif.ip_configuration_mode == "DHCP":
        text = f"The address is leased (DHCP): {pif.IP or 'the one it has'} comes back only if the lease does."
        yield Warned(danger=Danger.DHCP, text=text)


def not_read(text: str) -> Warned:
    return Warned(danger=Danger.NOT_READ, text=text)
