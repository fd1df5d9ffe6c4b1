"""What there is to choose when a pool gets a new secret."""

from collections.abc import Mapping

from django import forms


class SecretForm(forms.Form):
    """Asks nothing when high availability is off."""

    ha = forms.ChoiceField(
        label="High availability",
        choices=[
            ("switch", "Switch it off for the rotation, and on again afterwards"),
            ("leave", "Leave it on: there is no plan until somebody switches it off"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Say what happens to high availability: XAPI rotates no secret while it is on."},
    )

    def __init__(self, data: Mapping[str, object] | None = None, *, ha_is_on: bool, switched: bool = False) -> None:
        super().__init__(data, initial={"ha": "switch"} if switched else {})
        if not ha_is_on:
            del self.fields["ha"]

    @property
    def switches_ha(self) -> bool:
        return bool(self.cleaned_data.get("ha") == "switch")
