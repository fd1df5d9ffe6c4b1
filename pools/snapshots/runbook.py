"""What to type at the console of a server that does not come back: management first, then all the rest."""

from collections.abc import Iterator
from dataclasses import dataclass

from pools.snapshots.console import Section, let, quoted, xe
from pools.snapshots.data import Bond, Interface, Kind, NetworkData
from pools.snapshots.items import not_made
from pools.snapshots.rebuilding import MODES, sections_of


@dataclass(frozen=True, kw_only=True)
class Step:
    """A section with its number on the page; an optional one refers to the step before it."""

    number: int
    section: Section


@dataclass(frozen=True, kw_only=True)
class Runbook:
    """``facts``: what the page's head says, as pairs."""

    name: str
    facts: tuple[tuple[str, str], ...]
    steps: tuple[Step, ...]


def runbook_of(data: NetworkData) -> Runbook:
    """Fill it with this server's values."""
    numbered = enumerate(sections(data), 1)
    return Runbook(
        name=data.place.host_name,
        facts=tuple(facts(data)),
        steps=tuple(Step(number=number, section=section) for number, section in numbered),
    )


def facts(data: NetworkData) -> Iterator[tuple[str, str]]:
    place, management = data.place, data.management
    yield "Server", f"{place.host_name} ({place.host_uuid})"
    yield "Pool it was in", f"{place.pool_name or '(no name)'} ({place.pool_uuid})"
    yield "Login", "root, with the password of that pool"
    if management:
        address, nic = management.address, card_of(data, management)
        yield "Management", f"{address.ip or address.mode} {address.netmask} gateway {address.gateway or 'none'}"
        yield "On", f"{data.named(management)}; card {nic.device}, MAC {nic.mac}, slot {nic.slot or '?'}"
        yield "Name servers", address.dns or "none"
    if lost := [data.named(each) for each in not_made(data)]:
        yield "Not made again", f"SR-IOV: {', '.join(lost)}"


def sections(data: NetworkData) -> Iterator[Section]:
    """Logging in and looking; the management card, where it is another one; then everything else."""
    yield Section(
        title="Log in as root, and see whether the toolstack answers",
        lines=("xe host-list params=uuid --minimal",),
        see=f"{data.place.host_uuid}. “Connection refused”: wait a minute, then type xe-toolstack-restart.",
        expects=data.place.host_uuid,
    )
    management = data.management
    if management:
        yield look_at_management(data, management)
        yield reset(data, management)
    yield from sections_of(data)
    if management:
        yield look_at_the_end(management)


def look_at_management(data: NetworkData, management: Interface) -> Section:
    """The name that was written down may be another card's by now."""
    nic = card_of(data, management)
    tag = str(management.vlan)
    return Section(
        title="See which card carries management",
        lines=(
            let("D", xe("pif-list", MAC=nic.mac, VLAN="-1", physical="true", params="device") + " --minimal"),
            f"xe pif-list management=true device=$D VLAN={tag} params=currently-attached --minimal",
        ),
        see="true. Anything else, or nothing: the card or the VLAN is another one; go on with the next step.",
        expects="true",
    )


def reset(data: NetworkData, management: Interface) -> Section:
    """The server forgets all of its network, and reboots with management on the right card (xe-reset-networking)."""
    given = {"mode": MODES.get(management.address.mode, "dhcp")} | flags4(management) | flags6(management)
    words = [f"--{name}={quoted(value)}" for name, value in given.items() if value]
    tag = f"--vlan={management.vlan}" if management.kind == Kind.VLAN else "--novlan"
    return Section(
        title="Only if it was not so: put management on the right card; the server reboots",
        lines=(" ".join(["xe-reset-networking --device=$D", *words, tag]),),
        see="It asks; type yes. After the reboot log in again, and go on with the next step.",
        answers=("yes",),
        optional=True,
    )


def flags4(management: Interface) -> dict[str, str]:
    address = management.address
    dns = address.dns if "Static" in {address.mode, address.ipv6_mode} else ""
    if address.mode != "Static":
        return {"dns": dns}
    return {"ip": address.ip, "netmask": address.netmask, "gateway": address.gateway, "dns": dns}


def flags6(management: Interface) -> dict[str, str]:
    address = management.address
    if address.ipv6_mode != "Static":
        return {"mode-v6": "" if address.ipv6_mode == "None" else MODES.get(address.ipv6_mode, "")}
    first = next(iter(address.ipv6), "")
    return {"mode-v6": "static", "ipv6": first, "gateway-v6": address.ipv6_gateway}


def look_at_the_end(management: Interface) -> Section:
    return Section(
        title="See that management is where it was",
        lines=("xe pif-list management=true params=IP,VLAN,device", "xe host-list params=address --minimal"),
        see=f"{management.address.ip or 'An address'}. xenweb’s page of the server shows it as enabled.",
        expects=management.address.ip if management.address.mode == "Static" else "",
    )


def card_of(data: NetworkData, interface: Interface) -> Interface:
    """The card on which an interface begins: of a bond its primary member."""
    below = data.below(interface)
    if below:
        return card_of(data, below)
    bond = data.bond(interface.key)
    return primary(data, bond) or interface if bond else interface


def primary(data: NetworkData, bond: Bond) -> Interface | None:
    wanted = bond.primary or next(iter(bond.members), "")
    return next((nic for nic in data.nics if nic.mac == wanted), None)
