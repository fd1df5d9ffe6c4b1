"""The calls of an evacuation: asking for obstacles, and moving everybody away (xapi_host.ml: evacuate)."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from simulator.world.host import HostMachine
from simulator.xapi.errors import XapiError
from simulator.xapi.exclusive import exclusively
from simulator.xapi.host.evacuation.planner import plan
from simulator.xapi.host.evacuation.situation import situation
from simulator.xapi.machines import machine_of_call
from simulator.xapi.operations import refuse_if_not_allowed
from simulator.xapi.pool.ha_plan import assert_plan_survives
from simulator.xapi.registry import Call, message
from simulator.xapi.rows import NULL, Row, first
from simulator.xapi.vm.power import migrate
from simulator.xapi.vm.reset import resident_guests

BATCH = 10  # evacuation_batch_size of xapi.conf


@message("host", "get_vms_which_prevent_evacuation")
def host_get_vms_which_prevent_evacuation(call: Call, host: str) -> dict[str, list[str]]:
    found = plan(situation(_known(call, host))).refusals
    return {vm: list(refusal) for vm, refusal in found.items()}


@message("host", "assert_can_evacuate")
def host_assert_can_evacuate(call: Call, host: str) -> None:
    """The old form: all refusals in one text."""
    refusals = plan(situation(_known(call, host))).refusals.values()
    if refusals:
        raise XapiError("CANNOT_EVACUATE_HOST", "|".join(",".join(refusal) for refusal in refusals))


@message("host", "evacuate")
def host_evacuate(call: Call, host: str, network: str, batch: int) -> None:
    """All or nothing at its start; what fails later stops it where it is. It does not disable the host."""
    row = _known(call, host)
    assert_plan_survives(row)
    with exclusively(row, "evacuate", refuse_if_not_allowed, call):
        found = plan(situation(row))
        for refusal in found.refusals.values():
            raise XapiError(*refusal)
        if network != NULL:
            _assert_network(row, network, set(found.moves.values()))
        Evacuation(call, found.moves, batch or BATCH).run()
        left = resident_guests(row)
        if left:
            raise XapiError("INTERNAL_ERROR", f"{len(left)} VMs are still on the host after its evacuation")


def _known(call: Call, host: str) -> Row:
    call.host.database.get("host", host)
    return Row(call.host.database, "host", host)


def _assert_network(source: Row, network: str, targets: set[str]) -> None:
    """Each end needs a plugged PIF with an address there (xapi_host.ml: get_dst_pif, pool.md 5.3)."""
    source.database.get("network", network)
    for host in (source.ref, *sorted(targets)):
        pif = first(source.database, "PIF", host=host, network=network)
        if pif is None:
            raise XapiError("PIF_NOT_PRESENT", host, network)
        if not pif.flag("currently_attached"):
            raise XapiError("REQUIRED_PIF_IS_UNPLUGGED", pif.ref)
        if not pif.text("IP"):
            raise XapiError("INTERFACE_HAS_NO_IP", pif.ref)


class Evacuation:
    """A new migration begins as one ends; the first failure lets those under way finish, and ends it."""

    def __init__(self, call: Call, moves: dict[str, str], batch: int) -> None:
        self._call = call
        self._database = call.host.database
        self._moves = moves
        self._waiting = list(moves.items())
        self._batch = batch
        self._changed = threading.Condition()
        self._running = 0
        self._done = 0
        self._failure: Exception | None = None

    def run(self) -> None:
        machine = machine_of_call(self._call)
        while self._step(machine):
            pass
        if self._failure:
            raise self._failure
        self._tell(1.0)

    def _step(self, machine: HostMachine) -> bool:
        """Start what may be started, then wait for an end; False when there is nothing left."""
        with self._changed:
            if self._call.task and self._failure is None:
                self._note_cancelling()
            while self._waiting and self._running < self._batch and self._failure is None:
                self._running += 1
                threading.Thread(target=self._move, args=self._waiting.pop(0), daemon=True).start()
            if not self._running:
                return False
            self._changed.wait(max(machine.world.timing.evacuate, 0.001))
        machine.life.pause(0)
        self._tell(self._done / len(self._moves))
        return True

    def _note_cancelling(self) -> None:
        try:
            if self._call.task:
                self._call.task.check_cancelled()
        except XapiError as error:
            self._failure = error

    def _move(self, vm: str, target: str) -> None:
        with self._ending():
            migrate(self._call, Row(self._database, "VM", vm), Row(self._database, "host", target))

    @contextmanager
    def _ending(self) -> Iterator[None]:
        """A VM that is gone meanwhile is as good as moved."""
        failure: Exception | None = None
        try:
            yield
        except XapiError as error:
            failure = None if error.code in {"VM_BAD_POWER_STATE", "HANDLE_INVALID"} else error
        except Exception as error:  # noqa: BLE001 - it is raised where the call runs
            failure = error
        with self._changed:
            self._running -= 1
            self._done += 1
            self._failure = self._failure or failure
            self._changed.notify_all()

    def _tell(self, progress: float) -> None:
        if self._call.task:
            self._call.task.set_progress(progress)
