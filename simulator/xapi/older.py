"""Older servers: parameters they do not know yet, and checks of a join that came later (pool.md 1.5, 5.1, 5.3)."""

from dataclasses import replace

from simulator.schema import MessageSpec
from simulator.world.host import HostMachine
from simulator.xapi.decoding import decode_arguments
from simulator.xapi.registry import HostView

Version = tuple[int, ...]
# The release of the toolstack that brought an optional parameter.
SINCE: dict[str, dict[str, Version]] = {
    "host.disable": {"auto_enable": (25, 31)},
    "host.evacuate": {"network": (1, 297), "evacuate_batch_size": (23, 27)},
}


def version_of(software: dict[str, str]) -> Version:
    """(1, 249) of "1.249"; a server that does not say counts as the newest."""
    parts = software.get("xapi", "").split(".")
    return tuple(int(part) for part in parts if part.isdigit()) or (9999,)


def arguments_for(host: HostView, name: str, spec: MessageSpec, given: list[object]) -> list[object]:
    """An older server counts only the parameters it knows; its code gets the defaults of the others."""
    later = SINCE.get(name)
    if later is None or not isinstance(host, HostMachine):
        return decode_arguments(name, spec, given)
    unknown = [item for item, since in later.items() if version_of(host.software) < since]
    known = tuple(item for item in spec.parameters if item.name not in unknown)
    rest = [item.default for item in spec.parameters if item.name in unknown]
    return decode_arguments(name, replace(spec, parameters=known), given) + rest
