"""Random power, storage and host calls: what is allowed is what the calls do, and rows stay sound."""

from contextlib import ExitStack

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from simulator.schema import schema
from simulator.xapi.dispatch import Request, serve_call
from simulator.xapi.errors import XapiError
from simulator.xapi.host.memory import free_memory
from simulator.xapi.operations import RULES
from simulator.xapi.rows import NULL, Row, first, rows
from tests.simulator.hosts.lab import pool

VMS = st.sampled_from(["roaming", "rooted", "idle"])
HOSTS = st.sampled_from(["one", "two"])
POWER: dict[str, tuple[object, ...]] = {
    "start": (False, False), "clean_shutdown": (), "hard_shutdown": (), "clean_reboot": (), "hard_reboot": (),
    "pause": (), "unpause": (), "suspend": (), "resume": (False, False), "clone": ("twin",), "snapshot": ("s", []),
}  # fmt: skip
NO_PLACE = {"NO_HOSTS_AVAILABLE", "SR_HAS_NO_PBDS", "VM_NO_SUSPEND_SR"}  # true of a place, not of the VM
CLASSES = ("host", "VM", "SR", "VDI", "VBD", "VIF")


class Pool(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.master = self.stack.enter_context(pool()).hosts[0]
        self.database = self.master.database
        self.session = self._ask("session.login_with_password", "root", self.master.password, "1", "tests")

    def teardown(self) -> None:
        self.stack.close()

    def _ask(self, method: str, *args: object) -> object:
        return serve_call(self.master, Request(method, list(args), "jsonrpc"))

    def call(self, method: str, *args: object) -> str:
        """The code of the refusal, or nothing."""
        try:
            self._ask(method, self.session, *args)
        except XapiError as error:
            return error.code
        return ""

    def named(self, cls: str, name: str) -> Row:
        found = first(self.database, cls, name_label=name)
        assert found, name
        return found

    @rule(name=VMS, operation=st.sampled_from(list(POWER)))
    def power(self, name: str, operation: str) -> None:
        vm = self.named("VM", name)
        able = operation in vm.items("allowed_operations")
        code = self.call(f"VM.{operation}", vm.ref, *POWER[operation])
        assert able == (not code) or code in NO_PLACE, (operation, able, code)

    @rule(name=VMS, host=HOSTS)
    def migrate(self, name: str, host: str) -> None:
        vm, target = self.named("VM", name), self.named("host", host)
        if not self.call("VM.pool_migrate", vm.ref, target.ref, {}):
            assert vm.text("resident_on") == target.ref

    @rule(name=HOSTS, operation=st.sampled_from(["enable", "disable", "evacuate"]))
    def keep(self, name: str, operation: str) -> None:
        host = self.named("host", name)
        obstacles = self._ask("host.get_vms_which_prevent_evacuation", self.session, host.ref)
        code = self.call(f"host.{operation}", host.ref)
        assert operation != "evacuate" or bool(obstacles) == bool(code)

    @rule(name=HOSTS, operation=st.sampled_from(["plug", "unplug"]))
    def storage(self, name: str, operation: str) -> None:
        host, sr = self.named("host", name), self.named("SR", "filer")
        pbd = first(self.database, "PBD", host=host.ref, SR=sr.ref)
        assert pbd
        assert self.call(f"PBD.{operation}", pbd.ref) in ("", "VDI_IN_USE")

    @rule(operation=st.sampled_from(["plug", "unplug"]))
    def interfaces(self, operation: str) -> None:
        (vif,) = self.named("VM", "roaming").all("VIFs", "VIF")
        able = operation in vif.items("allowed_operations")
        assert able == (not self.call(f"VIF.{operation}", vif.ref))

    @rule(name=st.sampled_from(["roaming disk", "idle disk"]), operation=st.sampled_from(["snapshot", "clone"]))
    def disks(self, name: str, operation: str) -> None:
        vdi = self.named("VDI", name)
        able = operation in vdi.items("allowed_operations")
        code = self.call(f"VDI.{operation}", vdi.ref, {})
        assert able == (not code) or code in NO_PLACE, (operation, able, code)

    @invariant()
    def what_is_allowed_is_up_to_date(self) -> None:
        for cls in CLASSES:
            for row in rows(self.database, cls):
                able = [name for name, error in RULES[cls](row).items() if error is None]
                assert row.items("allowed_operations") == able, (cls, row.ref)
                assert row.mapping("current_operations") == {}

    @invariant()
    def memory_adds_up(self) -> None:
        for host in rows(self.database, "host"):
            assert host.to("metrics", "host_metrics").number("memory_free") == free_memory(host)
        for vm in rows(self.database, "VM"):
            alive = vm.text("power_state") in {"Running", "Paused"}
            assert (vm.text("resident_on") != NULL) == alive
            assert (vm.to("metrics", "VM_metrics").number("memory_actual") > 0) == alive

    @invariant()
    def references_resolve(self) -> None:
        for cls in CLASSES:
            spec = schema().classes[cls].fields.values()
            for row in rows(self.database, cls):
                for item in (item for item in spec if item.type.kind == "ref"):
                    ref = row.text(item.name)
                    known = item.type.name not in schema().classes or self.database.has(item.type.name, ref)
                    assert ref in (NULL, "") or known, (cls, item.name)


TestPool = Pool.TestCase
TestPool.settings = settings(
    max_examples=8, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)
