"""Versions of toolstacks, and what older ones do not know yet: parameters of messages (pool.md 1.5, 5.1, 5.3)."""

import re
from dataclasses import replace

from simulator.schema import MessageSpec
from simulator.world.host import HostMachine
from simulator.xapi.decoding import decode_arguments
from simulator.xapi.registry import HostView
from simulator.xapi.rows import Row

Version = tuple[int, ...]
# The release of the toolstack that brought an optional parameter.
SINCE: dict[str, dict[str, Version]] = {
    "host.disable": {"auto_enable": (25, 31)},
    "host.evacuate": {"network": (1, 297), "evacuate_batch_size": (23, 27)},
}


def numbers(text: str) -> Version:
    """A version as it is compared: number by number."""
    return tuple(int(part) for part in re.findall(r"\d+", text))


def version_of(software: dict[str, str]) -> Version:
    """(1, 249) of "1.249"; a server that does not say counts as the newest."""
    return numbers(software.get("xapi", "")) or (9999,)


def build_of(host: Row) -> Version:
    """(26, 1) of xapi_build 26.1.3; old versions have no such key."""
    return numbers(host.mapping("software_version").get("xapi_build", "0"))[:2]


def release_of(host: Row) -> tuple[Version, Version]:
    """By what xapi orders hosts during an upgrade: platform, then toolstack (helpers.ml: host_versions_...)."""
    software = host.mapping("software_version")
    return numbers(software.get("platform_version", "")), numbers(software.get("xapi", ""))


def arguments_for(host: HostView, name: str, spec: MessageSpec, given: list[object]) -> list[object]:
    """An older server counts only the parameters it knows; its code gets the defaults of the others."""
    later = SINCE.get(name)
    if later is None or not isinstance(host, HostMachine):
        return decode_arguments(name, spec, given)
    unknown = [item for item, since in later.items() if version_of(host.software) < since]
    known = tuple(item for item in spec.parameters if item.name not in unknown)
    rest = [item.default for item in spec.parameters if item.name in unknown]
    return decode_arguments(name, replace(spec, parameters=known), given) + rest
