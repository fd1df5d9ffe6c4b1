"""What is on record of the servers that left a pool, or were forgotten: rows of loss, storage, what was accepted."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from pools.forecast.leftovers import Lost
from pools.models import Step, StepState
from pools.operations.removal.choices import What, decisions, mapping, texts

ASKED: Final = ("EjectHost", "ForgetHost", "ForgetLeftStorage")


@dataclass
class Record:
    """Gathered step by step; a later one counts."""

    named: dict[str, str] = field(default_factory=dict)
    storage: set[str] = field(default_factory=set)
    accepted: set[str] = field(default_factory=set)
    whose: dict[str, str] = field(default_factory=dict)
    elsewhere: dict[str, str] = field(default_factory=dict)

    def take(self, step: Step) -> None:
        """Add what one step tells."""
        match step.kind, step.state:
            case "EjectHost", StepState.DONE:
                self.eject(step)
            case "ForgetHost", StepState.DONE:
                self.forgotten(step)
            case "ForgetLeftStorage", StepState.DONE:
                names = mapping(step.params.get("vms"))
                forgotten = f"on {step.params.get('name')}, which was forgotten"
                self.elsewhere |= dict.fromkeys(map(str, names), forgotten)
                self.named |= {f"vm:{uuid}": str(name) for uuid, name in names.items()}

    def eject(self, step: Step) -> None:
        """The rows that its removal knew, and what was accepted of them."""
        draft = step.operation.draft
        self.storage |= set(mapping(step.params.get("storage")))
        self.add(step, {key: str(name) for key, name in mapping(step.params.get("known")).items()})
        self.elsewhere |= {uuid: str(place) for uuid, place in mapping(step.params.get("elsewhere")).items()}
        decided = decisions(draft.get("decisions"))
        self.accepted |= {key for key, decision in decided.items() if decision.do is What.ACCEPT}

    def forgotten(self, step: Step) -> None:
        """What its plan knew of it, and what of that was chosen to go with it."""
        draft, leaves = step.operation.draft, mapping(step.params.get("leaves"))
        self.storage |= {key.removeprefix("sr:") for key in leaves if key.startswith("sr:")}
        self.add(step, {key: str(name) for key, name in leaves.items()})
        self.accepted |= {f"sr:{uuid}" for uuid in texts(draft.get("forget_srs"))}
        self.accepted |= {f"vm:{uuid}" for uuid in texts(draft.get("remove_vms"))}

    def add(self, step: Step, named: Mapping[str, str]) -> None:
        self.named |= named
        self.whose |= dict.fromkeys(named, str(step.params.get("host_name", "")))


def lost_of(pool_uuid: str) -> Lost:
    """Read the steps of this pool's operations that let servers go."""
    steps = Step.objects.filter(operation__pool__uuid=pool_uuid, kind__in=ASKED).select_related("operation")
    record = Record()
    for step in steps.defer("operation__facts", "operation__report").order_by("finished_at", "pk"):
        record.take(step)
    return Lost(
        named=record.named,
        storage=frozenset(record.storage),
        accepted=frozenset(record.accepted),
        whose=record.whose,
        elsewhere=record.elsewhere,
    )
