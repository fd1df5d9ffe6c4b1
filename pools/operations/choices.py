"""What was chosen for an operation, out of its draft; and what of the findings a person took upon himself."""

from collections.abc import Iterator

from pools.checks.accepting import forced, ha_switched
from pools.checks.finding import Finding
from pools.checks.report import Report
from pools.models import Operation, Server
from pools.operations.kind import AddressChoice, Choices


def choices_of(operation: Operation) -> Choices:
    """Return what was chosen; the passwords stay where they are."""
    servers = Server.objects.filter(operations=operation).values_list("uuid", "pool__credential__username")
    return Choices(
        usernames={uuid: username or "root" for uuid, username in servers},
        name=str(operation.draft.get("name", "")),
        description=str(operation.draft.get("description", "")),
        addresses=tuple(addresses(operation)),
        forced=operation.draft.get("forced", {}),
        ha=bool(operation.draft.get("ha")),
        chosen=operation.draft,
    )


def addresses(operation: Operation) -> Iterator[AddressChoice]:
    """The addresses of servers that still join: who was taken out of the choice gets none."""
    joining = {*operation.draft.get("servers", [])} - {operation.draft.get("coordinator")}
    for given in operation.draft.get("addresses", []):
        if given["server_uuid"] in joining:
            yield AddressChoice(**given)


def accepted(report: Report, choices: Choices) -> Report:
    """Return the report with each finding that the choices answer as a warning: what the plan will do about it."""

    def answered(finding: Finding) -> Finding:
        if choices.ha and finding.subject == report.coordinator_uuid:
            return ha_switched(finding)
        return forced(finding, choices.forced)

    return report.replacing(answered)
