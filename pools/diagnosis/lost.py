"""Settings that a bond or VLAN lost when it was made anew: XAPI carries only IPv4 over (M27)."""

from collections.abc import Iterator

from pools.diagnosis.mismatch import Kind, Mismatch
from pools.diagnosis.topology import NO_MODE
from pools.diagnosis.view import View
from pools.xapi.records import PIFRecord

CARRIED = "mtu"  # said by the MTU's own rule


def lost(view: View) -> Iterator[Mismatch]:
    """What the reference's interface on the same network has, and this one has not."""
    side = view.theirs
    own = [bonded.pif for bonded in side.bonds.values()] + [each.pif for each in side.vlans]
    for mine in own:
        ours = next((pif for pif in view.ours.on.get(mine.network, ()) if pif.VLAN == mine.VLAN), None)
        if ours is None or ours.ref == mine.ref:
            continue
        missing = list(differences(ours, mine))
        if missing:
            yield Mismatch(
                kind=Kind.SETTINGS_LOST,
                thing=f"settings of {view.name(mine.network)}",
                wanted=", ".join(missing),
                found="not set",
                **view.at(mine.network, mine.uuid),
            )


def differences(ours: PIFRecord, mine: PIFRecord) -> Iterator[str]:
    """Values that are each server's own (addresses) are not compared, only that there are some."""
    for key, value in sorted(ours.settings.items()):
        if key != CARRIED and key not in mine.settings:
            yield f"{key} = {value}"
    if ours.disallow_unplug and not mine.disallow_unplug:
        yield "may not be unplugged"
    if ours.ipv6_configuration_mode != NO_MODE and mine.ipv6_configuration_mode == NO_MODE:
        yield f"IPv6 by {ours.ipv6_configuration_mode}"
