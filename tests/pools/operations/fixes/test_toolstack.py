"""A toolstack that installed updates want restarted; a reboot is left to people."""

from pools.models import OperationState
from pools.services import fixes
from simulator.scenes.rules import spoil
from simulator.xapi.machines import host_row
from tests.pools.operations.fixes.mending import Mending, found

CODE = "HOST_PENDING_MANDATORY_GUIDANCE_NOT_EMPTY"
RESTART = "host.restart_agent"


def pending(mending: Mending, *guidances: str) -> None:
    host_row(mending.joiner).set(pending_guidances=list(guidances))


def test_the_toolstack_restarts_once_and_the_finding_is_gone(mending: Mending) -> None:
    pending(mending, "restart_toolstack")
    [(_, url)] = fixes.fixes_for(mending.parent, mending.finding(CODE))
    assert url.endswith(f"/toolstack/{mending.joiner.uuid}/")
    operation = mending.mended("fix_toolstack")
    assert mending.codes() == set()
    assert host_row(mending.joiner).flag("enabled")
    step = operation.steps.get()
    assert RESTART in step.call
    assert not step.undo
    assert len(mending.lab.sim.calls(RESTART)) == 1
    assert found(mending.begun("fix_toolstack")) == ["XENWEB_NOTHING_TO_FIX"]


def test_a_lost_reply_restarts_nothing_twice(mending: Mending) -> None:
    pending(mending, "restart_toolstack")
    mending.lab.sim.fault("drop_after", method=RESTART)
    mending.mended("fix_toolstack")
    assert len(mending.lab.sim.calls(RESTART)) == 1
    assert mending.codes() == set()


def test_a_reboot_is_not_offered_and_a_busy_vm_is_not_cut_off(mending: Mending) -> None:
    pending(mending, "reboot_host")
    assert fixes.fixes_for(mending.parent, mending.finding(CODE)) == []
    pending(mending, "restart_toolstack", "reboot_host")
    assert fixes.fixes_for(mending.parent, mending.finding(CODE)) == []
    assert found(mending.begun("fix_toolstack")) == ["XENWEB_FIX_NEEDS_MORE"]
    pending(mending, "restart_toolstack")
    spoil("busy-vm", mending.joiner, mending.lab.sim.hosts[0])
    busy = mending.begun("fix_toolstack")
    assert (busy.state, found(busy)) == (OperationState.DRAFT, ["XENWEB_FIX_BUSY"])
    assert mending.lab.sim.calls(RESTART) == []
