"""What tests of fixes do: examine a draft, begin the fix of a finding, run it, examine again."""

from collections.abc import Mapping
from dataclasses import dataclass

from pools.checks.finding import Finding
from pools.models import Operation, OperationState, User
from pools.services import examination, fixes, operations, planning
from simulator.world.host import HostMachine
from tests.fixtures.lab import Lab, story


@dataclass
class Mending:
    """``parent``: a draft in which the second server of the lab joins the first."""

    lab: Lab
    parent: Operation

    @property
    def joiner(self) -> HostMachine:
        return self.lab.sim.hosts[1]

    def codes(self) -> set[str]:
        """Examine, and return the codes of what forbids the joins."""
        examination.ask(operation=self.parent, user=self.lab.owner)
        examination.run(str(self.parent.pk))
        self.parent.refresh_from_db()
        report = examination.state(self.parent).report
        assert report is not None
        return {finding.code for finding in report.errors}

    def finding(self, code: str) -> Finding:
        assert code in self.codes()
        report = examination.state(self.parent).report
        assert report is not None
        return next(finding for finding in report.errors if finding.code == code)

    def begun(self, kind: str, *, user: User | None = None, place: int = 1, **chosen: object) -> Operation:
        """Choose, and have the plan made."""
        page = fixes.FixPage(kind=kind, server=self.lab.servers[place], parent=self.parent)
        operation = fixes.begin(page=page, user=user or self.lab.owner, chosen=chosen)
        planning.run(str(operation.pk))
        operation.refresh_from_db()
        return operation

    def planned(self, kind: str, *, place: int = 1, **chosen: object) -> Operation:
        operation = self.begun(kind, user=self.lab.owner, place=place, **chosen)
        assert operation.state == OperationState.PLANNED, operation.report
        return operation

    def started(self, kind: str, *, place: int = 1, **chosen: object) -> Operation:
        operation = self.planned(kind, place=place, **chosen)
        return operations.start(operation=operation, user=self.lab.owner)

    def mended(self, kind: str, *, place: int = 1, **chosen: object) -> Operation:
        operation = self.lab.run(self.started(kind, place=place, **chosen))
        assert operation.state == OperationState.SUCCEEDED, story(operation)
        return operation

    def undone(self, operation: Operation) -> Operation:
        """Let an administrator undo what was done, up to a step in trouble."""
        operations.undo(operation=operation, user=self.lab.owner)
        self.lab.run(operation)
        assert operation.state == OperationState.UNDONE, story(operation)
        return operation


def found(operation: Operation) -> list[str]:
    """The codes of what forbids a plan."""
    report = examination.state(operation).report
    return [finding.code for finding in report.errors] if report else []


def rows(host: HostMachine, cls: str) -> Mapping[str, Mapping[str, object]]:
    return host.database.records(cls)
