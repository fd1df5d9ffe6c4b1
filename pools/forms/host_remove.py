"""What is chosen around a removal: who coordinates then, high availability meanwhile, what follows it."""

from collections.abc import Mapping, Sequence

from django import forms

from pools.services.returning import ReturnPage
from pools.templatetags.ui import clean


class ReturnForm(forms.Form):
    """Asks only what this removal needs to know; each server with something to rebuild has a field of its own."""

    next_coordinator = forms.ChoiceField(
        label="The next coordinator",
        error_messages={"required": "Choose the server that coordinates the pool afterwards."},
        help_text="It takes over before anything else. Every server’s toolstack restarts; VMs run on.",
    )
    ha = forms.ChoiceField(
        label="High availability",
        choices=[
            ("switch", "Switch it off for the removal, and on again afterwards"),
            ("leave", "Leave it on: there is no plan until somebody switches it off"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Say what happens to high availability: XAPI lets no server go while it is on."},
    )
    new_password = forms.BooleanField(
        label="Give it a new root password afterwards",
        required=False,
        help_text="It keeps the pool’s password otherwise. You type the new one when it is back, not now.",
    )

    not_trusted = forms.BooleanField(
        label="This server is not trusted any more",
        required=False,
        help_text="It is given away, lost or broken into: it knew the secret by which the pool’s servers trust each "
        "other, which is as good as root. A new secret for the pool is then offered when it has left.",
    )

    def __init__(self, data: Mapping[str, object] | None = None, *, page: ReturnPage) -> None:
        super().__init__(data, initial=page.chosen)
        if page.coordinator_leaves:
            field = self.fields["next_coordinator"]
            if isinstance(field, forms.ChoiceField):
                field.choices = [("", "Choose…"), *((uuid, clean(words, 160)) for uuid, words in page.heirs)]
        else:
            del self.fields["next_coordinator"]
        if not page.ha_is_on:
            del self.fields["ha"]
        for server in page.servers:
            if server.items:
                self.fields[server.field] = forms.MultipleChoiceField(
                    label=f"Rebuild on {clean(server.name, 60)}, from its saved network",
                    required=False,
                    choices=server.items,
                    widget=forms.CheckboxSelectMultiple,
                )
        self.servers = page.servers

    def answers(self) -> dict[str, object]:
        """Return what is kept in the draft."""
        given = self.cleaned_data
        rebuilt: dict[str, Sequence[str]] = {
            server.uuid: given[server.field] for server in self.servers if server.field in self.fields
        }
        return {
            "next_coordinator": given.get("next_coordinator", ""),
            "ha": given.get("ha") == "switch",
            "new_password": bool(given.get("new_password")),
            "not_trusted": bool(given.get("not_trusted")),
            "rebuild": rebuilt,
        }
