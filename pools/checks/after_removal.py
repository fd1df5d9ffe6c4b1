"""Was the forecast right? A server that left its pool, held against what it was to come back as."""

from collections.abc import Iterator

from pools.checks.finding import Finding, Severity
from pools.forecast.come_back import ComeBack
from pools.forecast.interfaces import card_below
from pools.xapi.inventory import Snapshot
from pools.xapi.records import PIFRecord

NOTHING = "none"
CLASSES = ("pool", "host", "pif", "network", "bond", "vlan")


def compare(foretold: ComeBack, after: Snapshot) -> list[Finding]:
    """Return what is not as foretold; ``after`` is what the server says of itself."""
    return [
        Finding(
            code="XENWEB_RETURN_DIFFERS",
            subject=foretold.host_uuid,
            severity=Severity.WARNING,
            params=(what, expected or NOTHING, seen or NOTHING),
            theirs=seen or NOTHING,
            ours=expected or NOTHING,
        )
        for what, expected, seen in sides(foretold, after)
        if expected != seen
    ]


def sides(foretold: ComeBack, after: Snapshot) -> Iterator[tuple[str, str, str]]:
    """What is compared, as foretold and as it is."""
    pif = after.management_pif(after.master) or PIFRecord(ref="")
    card = card_below(after, pif)
    yield "name", foretold.name, after.master.name_label
    yield "NIC of management", foretold.device, card.device
    yield "MAC of management", foretold.mac.lower(), card.MAC.lower()
    yield "VLAN of management", tag(foretold.vlan), tag(pif.VLAN)
    yield "way to its address", foretold.mode, pif.ip_configuration_mode
    yield "management address", foretold.address, pif.IP
    if foretold.mode == "Static":
        yield "netmask", foretold.netmask, pif.netmask
        yield "gateway", foretold.gateway, pif.gateway
        yield "DNS", foretold.dns, pif.DNS
    yield "bonds", "0", str(len(after.bonds))
    yield "VLANs", str(int(foretold.vlan >= 0)), str(len(after.vlans))
    yield "TLS verification", on_off(on=foretold.tls_verification), on_off(on=after.pool.tls_verification_enabled)


def tag(vlan: int) -> str:
    return str(vlan) if vlan >= 0 else ""


def on_off(*, on: bool) -> str:
    return "on" if on else "off"
