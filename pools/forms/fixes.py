"""What a person chooses for a fix; most ask nothing."""

from collections.abc import Iterable, Mapping

from django import forms

from pools.checks.host_remove.emptying import NEEDS_SR
from pools.operations.fixes.guests import EJECT, UNPAUSE
from pools.operations.fixes.vms import CLEAN, DEFAULT_MINUTES, HARD, MIGRATE, SUSPEND
from pools.services.fixes import FixPage
from pools.services.guests import Guest
from pools.xapi.records import VMRecord

WAYS = {
    CLEAN: "Shut down cleanly: the guest is asked, and takes its time",
    SUSPEND: "Suspend: memory is kept on disk, and it goes on where it was",
    MIGRATE: "Move to another host of its own pool, running",
    HARD: "Hard shutdown: as if the power was cut; unsaved data in the guest is lost",
}
SHORT = {CLEAN: "Shut down cleanly", SUSPEND: "Suspend", MIGRATE: "Move away", HARD: "Hard shutdown"}
LONGEST_MINUTES = 120


class FixForm(forms.Form):
    """A fix that asks nothing."""

    def __init__(self, data: Mapping[str, object] | None = None, *, page: FixPage) -> None:
        super().__init__(data)
        self.page = page

    def chosen(self) -> dict[str, object]:
        """Return what is kept in the draft."""
        return {}


class VMsForm(FixForm):
    """One way for all running VMs, or another one for some."""

    how = forms.ChoiceField(label="All running VMs", widget=forms.RadioSelect, initial=CLEAN)
    minutes = forms.IntegerField(
        label="Minutes a clean shutdown may take",
        min_value=1,
        max_value=LONGEST_MINUTES,
        initial=DEFAULT_MINUTES,
        help_text="Then you are asked; nothing is forced by itself.",
    )
    sure = forms.BooleanField(label="I know that a hard shutdown may lose data in the guest", required=False)

    def __init__(self, data: Mapping[str, object] | None = None, *, page: FixPage) -> None:
        super().__init__(data, page=page)
        ways = [way for way in WAYS if way != MIGRATE or page.may_migrate]
        how = self.fields["how"]
        if isinstance(how, forms.ChoiceField):
            how.choices = [(way, WAYS[way]) for way in ways]
        how.initial = page.chosen.get("how", CLEAN)
        self.fields["minutes"].initial = page.chosen.get("minutes", DEFAULT_MINUTES)
        single = page.chosen.get("vms", {})
        for vm in page.vms:
            self.fields[name_of(vm)] = forms.ChoiceField(
                label=vm.name_label or vm.uuid,
                required=False,
                choices=[("", "As all"), *((way, SHORT[way]) for way in ways)],
                initial=single.get(vm.uuid, "") if isinstance(single, Mapping) else "",
            )

    def clean(self) -> dict[str, object]:
        """A hard shutdown is said twice."""
        given: dict[str, object] = dict(super().clean() or {})
        if HARD in {given.get("how"), *self.single(given).values()} and not given.get("sure"):
            self.add_error("sure", "A hard shutdown is chosen: say that you know what it does.")
        return given

    def single(self, given: Mapping[str, object]) -> dict[str, str]:
        """The VMs that are treated otherwise."""
        found = {vm.uuid: str(given.get(name_of(vm)) or "") for vm in self.page.vms}
        return {uuid: way for uuid, way in found.items() if way}

    def chosen(self) -> dict[str, object]:
        given = self.cleaned_data
        return {"how": given["how"], "minutes": given["minutes"], "vms": self.single(given)}

    def of_vms(self) -> Iterable[tuple[VMRecord, forms.BoundField]]:
        """The table of the page."""
        return [(vm, self[name_of(vm)]) for vm in self.page.vms]


def name_of(vm: VMRecord) -> str:
    return f"vm-{vm.uuid}"


class GuestsForm(FixForm):
    """What is done with each VM that runs on a server that is to be emptied; at least with one."""

    minutes = forms.IntegerField(
        label="Minutes a clean shutdown may take",
        min_value=1,
        max_value=LONGEST_MINUTES,
        initial=DEFAULT_MINUTES,
        help_text="Then you are asked; nothing is forced by itself.",
    )
    sure = forms.BooleanField(label="I know that a hard shutdown may lose data in the guest", required=False)

    def __init__(self, data: Mapping[str, object] | None = None, *, page: FixPage) -> None:
        super().__init__(data, page=page)
        self.fields["minutes"].initial = page.chosen.get("minutes", DEFAULT_MINUTES)
        single = page.chosen.get("vms", {})
        for guest in page.guests:
            before = single.get(guest.uuid, "") if isinstance(single, Mapping) else ""
            self.fields[f"vm-{guest.uuid}"] = forms.ChoiceField(
                label=guest.name,
                required=False,
                choices=[("", "Leave it as it is"), *((way, OF_GUESTS[way]) for way in ways_for(guest))],
                initial=before or suggested(guest),
            )

    def clean(self) -> dict[str, object]:
        """Something is chosen, and a hard shutdown is said twice."""
        given: dict[str, object] = dict(super().clean() or {})
        ways = set(self.single(given).values())
        if not ways:
            self.add_error(None, "Choose for one VM at least what is done with it.")
        if HARD in ways and not given.get("sure"):
            self.add_error("sure", "A hard shutdown is chosen: say that you know what it does.")
        return given

    def single(self, given: Mapping[str, object]) -> dict[str, str]:
        found = {guest.uuid: str(given.get(f"vm-{guest.uuid}") or "") for guest in self.page.guests}
        return {uuid: way for uuid, way in found.items() if way}

    def chosen(self) -> dict[str, object]:
        return {"minutes": self.cleaned_data["minutes"], "vms": self.single(self.cleaned_data)}

    def of_guests(self) -> Iterable[tuple[Guest, forms.BoundField]]:
        """The table of the page."""
        return [(guest, self[f"vm-{guest.uuid}"]) for guest in self.page.guests]


OF_GUESTS = {
    EJECT: "Take the disc out of its drive",
    UNPAUSE: "Let it run on",
    MIGRATE: "Move it by itself",
    SUSPEND: "Suspend it",
    CLEAN: "Shut it down cleanly",
    HARD: "Shut it down hard, as if the power was cut",
}
STAYS_PUT = frozenset(
    {
        "VDI_ON_BOOT_MODE_INCOMPATIBLE_WITH_OPERATION",
        "VM_HAS_PCI_ATTACHED",
        "VM_HAS_SRIOV_VIF",
        "VM_HAS_VGPU",
        "VM_HAS_VUSBS",
        "VM_IS_IMMOBILE",
        "VM_IS_USING_NESTED_VIRT",
        "VM_LACKS_FEATURE",
        "VM_NON_SUSPENDABLE",
    }
)
"""Who cannot move for one of these cannot be suspended either (xapi_vm_lifecycle.ml, check_operation_error)."""


def ways_for(guest: Guest) -> list[str]:
    """What XAPI would do with it as it is."""
    code = guest.finding.code if guest.finding else ""
    ways = [EJECT] if guest.discs else []
    if guest.paused:
        return [*ways, UNPAUSE, HARD]
    ways += [MIGRATE, SUSPEND] if code not in STAYS_PUT else []
    return [*ways, *([CLEAN] if code != "VM_LACKS_FEATURE" else []), HARD]


def suggested(guest: Guest) -> str:
    """What mends it without stopping it; what stops a VM is never chosen for anybody."""
    if guest.paused:
        return UNPAUSE
    return EJECT if guest.discs and guest.finding and guest.finding.code == NEEDS_SR else ""


FORMS: Mapping[str, type[FixForm]] = {"fix_vms": VMsForm, "fix_guests": GuestsForm}


def form_of(kind: str) -> type[FixForm]:
    """Return the form of a fix."""
    return FORMS.get(kind, FixForm)
