"""Running VMs of a joiner are stopped by a plan of its own."""

import pytest

from pools.models import OperationState, Role, StepState
from pools.services import operations
from pools.services.errors import NotAllowed
from simulator.scenes.model import VmSpec
from simulator.xapi.machines import host_row
from simulator.xapi.rows import Row
from simulator.xapi.vm.rows import add_guest
from tests.fixtures.lab import story
from tests.fixtures.people import make_person
from tests.pools.operations.fixes.mending import Mending, found, rows

CODE = "JOINING_HOST_CANNOT_HAVE_RUNNING_VMS"
GUESTS = {"mail", "web", "late", "surprise"}


def guest(mending: Mending, name: str) -> str:
    """Start a VM on the joiner; returns its uuid."""
    return add_guest(host_row(mending.joiner), VmSpec(name=name, power_state="Running")).text("uuid")


def named(mending: Mending, name: str) -> list[str]:
    return [ref for ref, vm in rows(mending.joiner, "VM").items() if vm["name_label"] == name]


def powers(mending: Mending) -> dict[str, object]:
    vms = rows(mending.joiner, "VM").values()
    return {str(vm["name_label"]): vm["power_state"] for vm in vms if vm["name_label"] in GUESTS}


def test_each_vm_is_stopped_as_was_chosen_and_the_finding_is_gone(mending: Mending) -> None:
    guest(mending, "mail")
    web = guest(mending, "web")
    assert mending.codes() == {CODE}
    operation = mending.mended("fix_vms", how="clean", minutes=5, vms={web: "suspend"})
    assert powers(mending) == {"mail": "Halted", "web": "Suspended"}
    assert mending.codes() == set()
    assert [step.title for step in operation.steps.all()] == ["Shut down mail", "Suspend web"]
    assert operation.parent == mending.parent


def test_undoing_starts_and_resumes_what_ran(mending: Mending) -> None:
    web = guest(mending, "web")
    guest(mending, "late")
    operation = mending.lab.run_steps(mending.started("fix_vms", vms={web: "suspend"}), 1)
    operations.stop(operation=operation, user=mending.lab.owner)
    assert powers(mending) == {"late": "Halted", "web": "Running"}
    mending.undone(operation)
    assert powers(mending) == {"late": "Running", "web": "Running"}


def test_a_vm_that_started_meanwhile_makes_the_plan_stale(mending: Mending) -> None:
    guest(mending, "mail")
    operation = mending.started("fix_vms")
    guest(mending, "surprise")
    mending.lab.run(operation)
    assert operation.state == OperationState.STALE
    assert "surprise" in operation.stale_reason
    assert powers(mending) == {"mail": "Running", "surprise": "Running"}


def test_what_stopped_by_itself_is_no_reason_to_send_anything(mending: Mending) -> None:
    guest(mending, "mail")
    mending.mended("fix_vms")
    again = mending.begun("fix_vms")
    assert (again.state, found(again)) == (OperationState.DRAFT, ["XENWEB_NOTHING_TO_FIX"])


def test_a_lost_reply_is_no_reason_to_shut_down_twice(mending: Mending) -> None:
    guest(mending, "mail")
    mending.lab.sim.fault("drop_after", method="Async.VM.clean_shutdown")
    mending.mended("fix_vms")
    assert len(mending.lab.sim.calls("VM.clean_shutdown")) == 1


def test_a_refusal_halts_and_what_was_stopped_stays_stopped(mending: Mending) -> None:
    guest(mending, "mail")
    guest(mending, "web")
    operation = mending.lab.run_steps(mending.started("fix_vms"), 1)
    web = next(Row(mending.joiner.database, "VM", ref) for ref in named(mending, "web"))
    web.set(current_operations={"OpaqueRef:an-export": "export"})
    mending.lab.run(operation)
    step = operation.steps.get(seq=2)
    assert (step.state, step.error_code) == (StepState.FAILED, "OTHER_OPERATION_IN_PROGRESS"), story(operation)
    assert powers(mending) == {"mail": "Halted", "web": "Running"}
    web.set(current_operations={})
    assert mending.lab.run_again(operation).state == OperationState.SUCCEEDED


def test_moving_away_needs_another_host(mending: Mending) -> None:
    guest(mending, "mail")
    assert found(mending.begun("fix_vms", how="migrate")) == ["XENWEB_FIX_NO_OTHER_HOST"]


def test_a_junior_must_ask(mending: Mending) -> None:
    guest(mending, "mail")
    junior = make_person("jun", Role.OPERATOR)
    operation = mending.begun("fix_vms", user=junior)
    asked = operations.submit(operation=operation, user=junior, plan_hash=operation.plan_hash, idempotency_key="k")
    assert asked.state == OperationState.AWAITING_APPROVAL
    with pytest.raises(NotAllowed):
        mending.begun("fix_vms", user=make_person("stranger"))
