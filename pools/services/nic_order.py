"""What to type on a server's console so that its NICs stand in the coordinator's order, before it joins.

Up to XenServer 8 and XCP-ng 8.3 ``interface-rename`` names the NICs; later xcp-networkd keeps an order of its own
(network_device_order.ml): its rules are read only when that order is empty, which an emergency reset makes it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pools.services.nic_findings import Kind, NicFinding
from pools.services.nic_map import Nic, NicMap
from pools.xapi.records import HostRecord

LAST_WITH_RENAMING: Final = 8
RULES_FILE: Final = "/etc/firstboot.d/data/initial_network_device_rules.conf"
SAFE_MAC: Final = re.compile(r"[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}")
SAFE_DEVICE: Final = re.compile(r"[a-zA-Z0-9]{1,15}")
SAFE_UUID: Final = re.compile(r"[0-9a-f-]{36}")


@dataclass(frozen=True, kw_only=True)
class WayOut:
    """Why no Bond call helps, what does, and the commands for the server's own console."""

    text: str
    commands: str


def way_out(shown: NicMap, findings: Sequence[NicFinding], host: HostRecord) -> WayOut | None:
    """The way out of wrong cables or order, else of missing NICs; None when nothing asks for one."""
    if any(finding.asks_for_order for finding in findings):
        return _reorder(shown, findings, host)
    if any(finding.kind in {Kind.MISSING, Kind.UNMANAGED} for finding in findings):
        return _scan(host)
    return None


def _reorder(shown: NicMap, findings: Sequence[NicFinding], host: HostRecord) -> WayOut:
    text = (
        "Look first at the cables and at the switch’s ports: no bond can be repaired past them, because every restart"
        " of the toolstack takes the NICs by place again. Either move the cables, or give the NICs the coordinator’s"
        " order on this server’s console, before it joins. Compare the MACs with the labels of the cables, then read"
        " again here."
    )
    order = _wanted_order(shown)
    if not _renames(host):
        return WayOut(text=text, commands=_rules(order))
    if any(ours.device != theirs.device for ours, theirs in order):
        return WayOut(text=text, commands=_renaming(order, host))
    if any(ours.position != theirs.position for ours, theirs in order):
        return WayOut(text=text, commands=_placing(order, host))
    return WayOut(text=text, commands=_finding_cables(shown, findings, host))


def _renames(host: HostRecord) -> bool:
    major = re.match(r"[0-9]{1,9}", host.software_version.get("product_version", ""))
    return major is None or int(major.group()) <= LAST_WITH_RENAMING


def _wanted_order(shown: NicMap) -> list[tuple[Nic, Nic]]:
    """Each NIC of the coordinator with the one that most likely has its cable: same slot, else same name.

    Where ports of one card share a PCI path, slots tell nothing.
    """
    theirs = [row.theirs for row in shown.rows if row.theirs]
    ours = [row.ours for row in shown.rows if row.ours]
    by_slot, by_name = {nic.pci: nic for nic in theirs if nic.pci}, {nic.device: nic for nic in theirs}
    slots = {nic.pci for nic in ours}
    if len(slots) == len(ours) and len(by_slot) == len(theirs) and slots <= by_slot.keys():
        return [(nic, by_slot[nic.pci]) for nic in ours]
    if all(nic.device in by_name for nic in ours):
        return [(nic, by_name[nic.device]) for nic in ours]
    return shown.pairs


def _renaming(order: Sequence[tuple[Nic, Nic]], host: HostRecord) -> str:
    named = [f"{_device(ours)}={_mac(theirs)}" for ours, theirs in order]
    lines = ["interface-rename --list", "# each name with the MAC of the NIC that has its cable:"]
    lines += [f"interface-rename --update {' '.join(named)}", "reboot", "# when it is back:"]
    return "\n".join([*lines, f"xe pif-scan host-uuid={_uuid(host.uuid)}"])


def _placing(order: Sequence[tuple[Nic, Nic]], host: HostRecord) -> str:
    """The names are right and the networks are not: a NIC that is scanned anew gets the network of its position."""
    wrong = [theirs for ours, theirs in order if ours.position != theirs.position]
    lines = ["# the names are as on the coordinator; these NICs stand on the networks of other positions:"]
    for nic in wrong:
        busy = "  # carries management: move that to another NIC first" if nic.management else ""
        lines.append(f"xe pif-forget uuid={_uuid(nic.uuid)}{busy}")
    return "\n".join([*lines, f"xe pif-scan host-uuid={_uuid(host.uuid)}"])


def _finding_cables(shown: NicMap, findings: Sequence[NicFinding], host: HostRecord) -> str:
    """Names and places are the coordinator's; the NICs that are doubtful can be made to blink."""
    doubtful = {device for finding in findings if finding.asks_for_order for device in finding.devices}
    nics = [row.theirs for row in shown.rows if row.theirs and row.theirs.device in doubtful]
    lines = [f"ethtool -p {_device(nic)} 15  # its light blinks; MAC {_mac(nic)}" for nic in nics]
    exchange = "interface-rename --update <name>=<MAC of the NIC with its cable> …"
    scan = f"xe pif-scan host-uuid={_uuid(host.uuid)}"
    return "\n".join([*lines, "# where a cable is in another NIC and stays there:", exchange, "reboot", scan])


def _rules(order: Sequence[tuple[Nic, Nic]]) -> str:
    lines = [f'{ours.position}:mac="{_mac(theirs)}"' for ours, theirs in order if ours.position >= 0]
    head = ["# position and MAC of the NIC that has its cable:", f"cat > {RULES_FILE} <<'END'"]
    tail = ["END", "# asks for the management interface, forgets the old order, restarts:", "xe-reset-networking"]
    return "\n".join([*head, *lines, *tail])


def _scan(host: HostRecord) -> WayOut:
    text = (
        "No bond call brings a NIC that XAPI does not have. Look whether the card is seated and switched on in the"
        " firmware, have the server look for its NICs again, then read again here."
    )
    uuid = _uuid(host.uuid)
    lines = [
        f"xe pif-scan host-uuid={uuid}",
        f"xe pif-list host-uuid={uuid} physical=true params=uuid,device,MAC,managed",
    ]
    return WayOut(text=text, commands="\n".join(lines))


def _mac(nic: Nic) -> str:
    """What goes onto a console was said by a server: only what is a MAC is shown as one."""
    return nic.mac if SAFE_MAC.fullmatch(nic.mac) else "<MAC>"


def _device(nic: Nic) -> str:
    return nic.device if SAFE_DEVICE.fullmatch(nic.device) else "<name>"


def _uuid(uuid: str) -> str:
    return uuid if SAFE_UUID.fullmatch(uuid) else "<uuid>"
