"""What of a saved network is to be made again."""

from collections.abc import Mapping, Sequence

from django import forms

from pools.snapshots.items import Item


class RebuildForm(forms.Form):
    """``items``: everything that a removal took, in the order in which it is made again."""

    items = forms.MultipleChoiceField(
        label="Make again",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one thing, or leave the network as it is."},
    )

    def __init__(
        self, data: Mapping[str, object] | None = None, *, items: Sequence[Item], chosen: Sequence[str]
    ) -> None:
        super().__init__(data, initial={"items": list(chosen)})
        field = self.fields["items"]
        if isinstance(field, forms.MultipleChoiceField):
            field.choices = [(item.key, item.title) for item in items]
