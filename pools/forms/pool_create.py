"""The create-pool wizard's forms: shape and cross-field rules; what XAPI thinks is the checks' affair."""

from collections.abc import Iterable

from django import forms

from pools.forms.wizard import printable
from pools.models import Server

LONGEST_NAME = 255
LONGEST_DESCRIPTION = 2000


class CoordinatorForm(forms.Form):
    """Which of the chosen servers keeps the pool's database."""

    coordinator = forms.ChoiceField(error_messages={"required": "Choose the coordinator."})

    def __init__(self, *args: object, choices: Iterable[Server], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        field = self.fields["coordinator"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [(server.uuid, server.name_label) for server in choices]


class NameForm(forms.Form):
    """The pool's name and description."""

    name = forms.CharField(
        label="Name",
        max_length=LONGEST_NAME,
        help_text="Shown in every tool. A place and a purpose make a good name: “Frankfurt – production”.",
        error_messages={"max_length": f"A name may have at most {LONGEST_NAME} characters."},
    )
    description = forms.CharField(
        label="Description", max_length=LONGEST_DESCRIPTION, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def clean_name(self) -> str:
        return printable(self.cleaned_data["name"])

    def clean_description(self) -> str:
        return printable(self.cleaned_data["description"], lines=True)
