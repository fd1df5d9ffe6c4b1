"""What may be said of a bond in each mode, and what is said without saying (xapi_bond.ml: requirements_of_mode)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from simulator.xapi.errors import XapiError

LACP = "lacp"
INTEGER = re.compile(r"-?(0[xX][0-9a-fA-F]|0[oO][0-7]|0[bB][01]|\d)[0-9a-fA-F_]*\Z")  # int_of_string of OCaml


@dataclass(frozen=True)
class Requirement:
    """`default` "" means that the key stays away where nobody gives it."""

    valid: re.Pattern[str]
    default: str = ""


REQUIREMENTS: dict[str, dict[str, Requirement]] = {
    LACP: {
        "hashing_algorithm": Requirement(re.compile(r"(src_mac|tcpudp_ports)\Z"), "tcpudp_ports"),
        "lacp-time": Requirement(re.compile(r"(fast|slow)\Z"), "slow"),
        "lacp-aggregation-key": Requirement(INTEGER),
        "lacp-fallback-ab": Requirement(re.compile(r"(true|false)\Z"), "true"),
    }
}


def refuse_invalid(mode: str, properties: Mapping[str, str]) -> None:
    known = REQUIREMENTS.get(mode, {})
    for key, value in properties.items():
        if key not in known or not known[key].valid.match(value):
            raise XapiError("INVALID_VALUE", "properties", f"{key} = {value}")


def with_defaults(mode: str, properties: Mapping[str, str]) -> dict[str, str]:
    defaults = {key: each.default for key, each in REQUIREMENTS.get(mode, {}).items() if each.default}
    return defaults | dict(properties)


def fitting(mode: str, properties: Mapping[str, str]) -> dict[str, str]:
    """Those that another mode keeps, and its defaults."""
    known = REQUIREMENTS.get(mode, {})
    return with_defaults(mode, {key: value for key, value in properties.items() if key in known})
