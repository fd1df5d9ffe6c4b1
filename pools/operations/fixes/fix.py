"""What every fix is: one server, its facts, what forbids the fix, and the steps; and what its steps share."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import ClassVar, Final

from pools import connections
from pools.checks.facts import Facts, ServerFacts
from pools.checks.finding import Finding
from pools.checks.registry import refusal
from pools.checks.report import Cell, Line, Report, state_of_findings, unreadable
from pools.models import Operation, Server
from pools.operations import facts as live
from pools.operations.context import Context
from pools.operations.kind import Choices
from pools.operations.step import Step
from pools.operations.xe import xe
from pools.xapi.errors import XapiError
from pools.xapi.gateway import Xapi
from pools.xapi.inventory import CLASSES

NOTHING_TO_FIX: Final = "XENWEB_NOTHING_TO_FIX"
BLOCKING_ROW: Final = "0"  # what cannot be read forbids a plan only in a row of XAPI's


@dataclass(frozen=True, kw_only=True)
class FixStep(Step):
    """A step on the server itself. Its fields hold what was there, so that it can be made again."""

    target: Mapping[str, str]

    @property
    def lane(self) -> str:
        return self.target["host_uuid"]

    @property
    def host(self) -> str:
        return self.target["host_name"]

    @property
    def at(self) -> str:
        """Where a call is sent, for people."""
        return f"on {self.target.get('through') or self.host} ({self.target['address']})"

    def command(self, name: str, **values: str) -> str:
        """Return the equivalent ``xe`` command."""
        named = {key.replace("_", "-"): value for key, value in values.items()}
        return xe(self.target["address"], self.target["username"], name, named)

    def xapi(self, ctx: Context) -> Xapi:
        """The server itself; a member's VMs are changed through its pool."""
        return ctx.pool() if self.target.get("through") else ctx.xapi(self.target["host_uuid"])


class Fix(ABC):
    """A kind of operation. Its server stands in the draft as the coordinator: of its own pool it is that.

    ``title`` names the operation, ``solves`` is on the button that leads to it, ``about`` says what it does and costs.
    """

    kind: ClassVar[str]
    title: ClassVar[str]
    solves: ClassVar[str]
    about: ClassVar[str]
    steps: ClassVar[Sequence[type[Step]]]
    reads: ClassVar[Collection[str]] = tuple(CLASSES)

    def facts(self, operation: Operation) -> Facts:
        """Read the one server."""
        server = operation.servers.select_related("pool__credential", "pool__coordinator").get()
        try:
            with self.connect(server) as xapi:
                read = live.read(server, xapi, self.reads)
        except XapiError as error:
            return Facts(coordinator=live.unreadable(server, error), joining=())
        return Facts(coordinator=replace(read, rests_on=self.rests_on(read)), joining=())

    def connect(self, server: Server) -> AbstractContextManager[Xapi]:
        """Where its facts are read."""
        return connections.connect(server)

    def check(self, facts: Facts, choices: Choices) -> Report:
        """Say what forbids the fix; nothing left to do forbids it too."""
        server = facts.coordinator
        findings = self._findings(server, choices)
        cell = Cell(
            rule=self.kind, server_uuid=server.uuid, state=state_of_findings(findings), findings=tuple(findings)
        )
        line = Line(rule=self.kind, title=self.title, xapi_row=BLOCKING_ROW)
        return Report(servers={server.uuid: server.name_label}, lines=(line,), cells=(cell,))

    def _findings(self, server: ServerFacts, choices: Choices) -> list[Finding]:
        if not server.readable:
            return [unreadable(server.uuid, server.name_label, server.error_code)]
        if missing := server.snapshot.unread & set(self.reads):
            return [unreadable(server.uuid, server.name_label, ", ".join(sorted(missing)))]
        if not self.is_needed(server):
            return [refusal(NOTHING_TO_FIX, server, server.name_label)]
        return self.obstacles(server, choices)

    @abstractmethod
    def rests_on(self, server: ServerFacts) -> Mapping[str, str]:
        """Say in words what the plan rests on: when it changes, the plan is out of date."""

    @abstractmethod
    def is_needed(self, server: ServerFacts) -> bool:
        """Whether what it solves is still there."""

    def obstacles(self, server: ServerFacts, choices: Choices) -> list[Finding]:
        """Say what forbids the fix, or should be known before."""
        return []

    @abstractmethod
    def plan(self, facts: Facts, choices: Choices) -> Sequence[Step]: ...


def target(facts: Facts, choices: Choices) -> dict[str, str]:
    """The server that a fix changes, as its steps hold it."""
    server = facts.coordinator
    return {
        "host_uuid": server.uuid,
        "host_name": server.name_label,
        "address": server.address,
        "username": choices.usernames.get(server.uuid, "root"),
    }
