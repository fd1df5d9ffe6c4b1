"""Asks XAPI itself whether the servers that leave can be emptied, and whether each VM can go where it is sent."""

from collections.abc import Mapping
from typing import Final

from pools.checks.evacuation import Answer, Evacuation
from pools.operations.removal.choices import Removal
from pools.xapi.errors import XapiError, XapiFailure
from pools.xapi.gateway import Xapi
from pools.xapi.inventory import Snapshot

MOST_PLACES: Final = 50  # each is a call of its own; of more than these XAPI says it when they move


def evacuation(xapi: Xapi, pool: Snapshot, removal: Removal) -> Evacuation:
    """One call for each server that leaves, and one for each place that was chosen."""
    hosts = [host for uuid in removal.leaving if (host := pool.host(uuid)) is not None and pool.is_live(host)]
    asked = {host.uuid: prevented(xapi, host.ref) for host in hosts}
    return Evacuation(
        prevented={uuid: answer for uuid, answer in asked.items() if answer is not None},
        unanswered=frozenset(uuid for uuid, answer in asked.items() if answer is None),
        refused=refused(xapi, pool, removal.places),
    )


def prevented(xapi: Xapi, host: str) -> dict[str, Answer] | None:
    """An XAPI that does not answer this, or takes too long, leaves it to the evacuation itself."""
    try:
        return xapi.vms_which_prevent_evacuation(host)
    except XapiError:
        return None


def refused(xapi: Xapi, pool: Snapshot, places: Mapping[str, str]) -> dict[str, Answer]:
    """Of each VM that runs: why it cannot run where it is to go."""
    found: dict[str, Answer] = {}
    running = {vm.uuid: vm.ref for vm in pool.vms.values() if vm.power_state == "Running"}
    for vm, place in list(places.items())[:MOST_PLACES]:
        host = pool.host(place)
        if vm not in running or host is None:
            continue
        try:
            xapi.vm_assert_can_boot_here(running[vm], host.ref)
        except XapiFailure as failure:
            found[vm] = (failure.code, *failure.params)
        except XapiError:
            break
    return found
