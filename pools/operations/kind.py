"""What a kind of operation is: whose facts it rests on, and the plan made of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from pools.checks.facts import Facts
from pools.checks.registry import Report
from pools.models import Operation, Server
from pools.operations.step import Step


@dataclass(frozen=True, kw_only=True)
class AddressChoice:
    """An address for a member's interface on a network of the pool, given after the join.

    ``mode``: "Static" or "DHCP"; the rest is for "Static". The interface is whatever PIF the member has there then.
    """

    server_uuid: str
    network_uuid: str
    network_name: str
    mode: str = "Static"
    ip: str = ""
    netmask: str = ""
    gateway: str = ""
    dns: str = ""


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What a person chose in the wizard; ``usernames``: as whom xenweb signs in, by server.

    ``forced``: servers whose software version may differ (pool.join_force), each with the reason given.
    ``ha``: switch the pool's HA off for the joins and on again afterwards. ``chosen``: what a kind alone knows of.
    """

    usernames: Mapping[str, str]
    name: str = ""
    description: str = ""
    addresses: tuple[AddressChoice, ...] = ()
    forced: Mapping[str, str] = field(default_factory=dict)
    ha: bool = False
    chosen: Mapping[str, object] = field(default_factory=dict)


class Kind(Protocol):
    """Registered in registry.py under its name."""

    def facts(self, operation: Operation) -> Facts:
        """Read the live facts of the servers that the draft names."""

    def check(self, facts: Facts, choices: Choices) -> Report:
        """Ask every rule of this kind; what the choices answer is a warning (choices.py, accepted)."""

    def plan(self, facts: Facts, choices: Choices) -> Sequence[Step]:
        """Return the steps; pure."""


@runtime_checkable
class Joins(Kind, Protocol):
    """A kind whose servers join one coordinator: they can be examined one by one."""

    def servers(self, operation: Operation) -> tuple[Server, Sequence[Server]]:
        """Return the coordinator, and those that join in the order of their joins."""
