"""What of a pool's leftovers is cleaned up, and what its settings name instead."""

from collections.abc import Mapping

from django import forms
from django.forms.boundfield import BoundField

from pools.operations.pool_cleanup import NOTHING
from pools.services.leftovers import CleanupPage


class CleanupForm(forms.Form):
    """Each setting that points nowhere has a field of its own."""

    items = forms.MultipleChoiceField(
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "Something chosen is not left over any more. Look again, and choose anew."},
    )

    def __init__(self, data: Mapping[str, object] | None = None, *, page: CleanupPage) -> None:
        super().__init__(data, initial={"items": page.ticked})
        field = self.fields["items"]
        if isinstance(field, forms.MultipleChoiceField):
            field.choices = [(each.key, each.name) for each in page.records]
        self.settings = page.settings
        for each in page.settings:
            self.fields[each.key] = forms.ChoiceField(
                label=each.was[:1].upper() + each.was[1:],
                required=False,
                choices=[("", "Leave it as it is"), *page.targets, (NOTHING, "No storage")],
                initial=page.chosen.settings.get(each.key, ""),
                help_text=f"It names {each.name}. {each.why}",
            )

    @property
    def setting_fields(self) -> list[BoundField]:
        return [self[each.key] for each in self.settings]

    def clean(self) -> dict[str, object]:
        """Nothing at all is no operation."""
        given = super().clean() or {}
        if not self.errors and not given.get("items") and not any(self.answers().values()):
            raise forms.ValidationError("Choose what is to be cleaned up. What is not chosen stays as it is.")
        return dict(given)

    def answers(self) -> dict[str, str]:
        """What becomes of each setting."""
        return {each.key: str(self.cleaned_data.get(each.key) or "") for each in self.settings}
