"""Which NIC of a joining server stands at which place of the coordinator's (sync_networking.ml, xapi_pif_helpers.ml).

Neither cable, MAC nor link decide: only the device name, or the number in the name of the NIC's bridge.
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from pools.xapi.records import HostRecord, NetworkRecord, PIFRecord

BY_POSITION_SINCE: Final = (25, 35)
POSITION = re.compile(r"xenbr([0-9]{1,9})")


class Rule(StrEnum):
    """How a server finds the NICs for a bond of the pool."""

    DEVICE = "device name"
    POSITION = "position"


def rule_of(host: HostRecord) -> Rule:
    """The rule of the joining server's own version; the 1.249 line says no build, which means the device name."""
    numbers = re.findall(r"[0-9]{1,9}", host.software_version.get("xapi_build", ""))[:2]
    by_position = tuple(int(number) for number in numbers) >= BY_POSITION_SINCE
    return Rule.POSITION if by_position else Rule.DEVICE


def position(bridge: str) -> int | None:
    """N of ``xenbrN``; a NIC on a bridge of any other name has no position (get_pif_position)."""
    found = POSITION.fullmatch(bridge)
    return int(found.group(1)) if found else None


def place(rule: Rule, pif: PIFRecord, networks: Mapping[str, NetworkRecord]) -> str:
    """What is compared between two servers' NICs; empty for a NIC that matches none."""
    if rule is Rule.DEVICE:
        return pif.device
    network = networks.get(pif.network)
    number = position(network.bridge) if network else None
    return "" if number is None else str(number)


def mark(rule: Rule, pif: PIFRecord, networks: Mapping[str, NetworkRecord]) -> str:
    """What the rule does not look at: where two servers' NICs at one place differ in it, they are counted otherwise."""
    if rule is Rule.POSITION:
        return pif.device
    number = place(Rule.POSITION, pif, networks)
    return f"position {number}" if number else ""
