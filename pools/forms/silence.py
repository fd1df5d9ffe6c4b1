"""What a person states and chooses of a server that does not answer."""

from collections.abc import Mapping

from django import forms

from pools.forecast.restarts import Restart
from pools.services.silence import SilencePage
from pools.templatetags.ui import clean

ANSWERS: Mapping[str, tuple[str, ...]] = {
    "next_coordinator": ("next_coordinator",),
    "forget_host": ("forget_host",),
    "leftovers": ("forget_srs", "remove_vms"),
    "start_vms": ("start_vms",),
}


class SilenceForm(forms.Form):
    """Asks only what this road needs to know."""

    next_coordinator = forms.ChoiceField(
        label="Who takes the pool over",
        error_messages={"required": "Choose the server that coordinates the pool from now on."},
        help_text="One that answers. What the pool stored since it last got a copy of the database is lost.",
    )
    forget_host = forms.ChoiceField(
        label="Afterwards",
        choices=[
            ("forget", "The pool forgets it: it never comes back, or is installed anew"),
            ("keep", "It stays a member: it comes back later; only its VMs are freed to start elsewhere"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Say whether it comes back."},
    )
    leftovers = forms.MultipleChoiceField(
        label="What it leaves behind and is removed from the pool’s records",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Storage that only it was connected to, and VMs all of whose disks lie there. No data is touched.",
    )
    start_vms = forms.MultipleChoiceField(required=False)
    stated_dead = forms.CharField(
        label="Its name, to state that it is dead",
        max_length=200,
        strip=True,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": "Type the server’s name. Nobody else can know that it is off."},
    )

    def __init__(
        self, data: Mapping[str, object] | None = None, *, page: SilencePage, draft: Mapping[str, object]
    ) -> None:
        fit = [vm.uuid for vm in page.restarts if vm.can_start and not vm.doubt]
        super().__init__(data, initial={"start_vms": fit} | chosen(draft))
        self.restarts = page.restarts
        if page.evidence:
            self.fields["stated_dead"].label = f"Type {page.evidence.typable}, to state that it is dead"
        startable = [(vm.uuid, vm.name) for vm in page.restarts if vm.can_start]
        choices = {
            "next_coordinator": [("", "Choose…"), *((uuid, clean(name, 60)) for uuid, name in page.heirs)],
            "leftovers": page.leftovers,
            "start_vms": startable,
        }
        unused = {"forget_host"} if page.promotes else {"next_coordinator"}
        for name in unused | {name for name in ("leftovers", "start_vms") if page.promotes or not choices[name]}:
            del self.fields[name]
        for name, options in choices.items():
            field = self.fields.get(name)
            if isinstance(field, forms.ChoiceField):
                field.choices = list(options)

    @property
    def ran_there(self) -> list[tuple[Restart, bool]]:
        """Each VM that ran on the server, and whether it is ticked."""
        ticked = self["start_vms"].value() if "start_vms" in self.fields else []
        return [(vm, vm.uuid in ticked) for vm in self.restarts]

    def chosen_so_far(self) -> dict[str, object]:
        """What was chosen beside the statement, whether or not all of it was."""
        keys = {field: ANSWERS[field] for field in ANSWERS if field in self.cleaned_data}
        given = self.answers()
        return {key: given[key] for field in keys for key in keys[field]}

    def answers(self) -> dict[str, object]:
        """Return what is kept in the draft."""
        given = self.cleaned_data
        keys = [str(key).partition(":") for key in given.get("leftovers", [])]
        return {
            "stated_dead": given.get("stated_dead", ""),
            "next_coordinator": given.get("next_coordinator", ""),
            "forget_host": given.get("forget_host", "forget") == "forget",
            "forget_srs": [uuid for kind, _, uuid in keys if kind == "sr"],
            "remove_vms": [uuid for kind, _, uuid in keys if kind == "vm"],
            "start_vms": given.get("start_vms", []),
        }


def chosen(draft: Mapping[str, object]) -> dict[str, object]:
    """What the draft holds, as the form's fields."""
    pairs = (("sr", draft.get("forget_srs")), ("vm", draft.get("remove_vms")))
    keys = [f"{kind}:{uuid}" for kind, uuids in pairs if isinstance(uuids, list) for uuid in uuids]
    said: dict[str, object] = {"start_vms": draft["start_vms"]} if isinstance(draft.get("start_vms"), list) else {}
    if "forget_host" in draft:
        said["forget_host"] = "forget" if draft["forget_host"] else "keep"
    return {
        "stated_dead": draft.get("stated_dead", ""),
        "next_coordinator": draft.get("next_coordinator", ""),
        "leftovers": keys,
        **said,
    }
