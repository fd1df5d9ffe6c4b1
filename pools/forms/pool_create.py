"""The create-pool wizard's forms: shape and cross-field rules; what XAPI thinks is the checks' affair."""

import unicodedata
from collections.abc import Iterable

from django import forms

from pools.models import Server

FEWEST = 2
LONGEST_NAME = 255
LONGEST_DESCRIPTION = 2000


class ServersForm(forms.Form):
    """Which servers make the pool: at least two."""

    servers = forms.ModelMultipleChoiceField(
        queryset=Server.objects.none(),
        error_messages={
            "required": "Choose the servers that are to make the pool.",
            "invalid_choice": "A chosen server is not there any more, or is not yours to use. Choose again.",
        },
    )

    def __init__(self, *args: object, choices: Iterable[Server], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        field = self.fields["servers"]
        if isinstance(field, forms.ModelMultipleChoiceField):
            field.queryset = Server.objects.filter(pk__in=[server.pk for server in choices])

    def clean_servers(self) -> list[Server]:
        """A pool needs two servers to be more than a standalone one."""
        chosen = list(self.cleaned_data["servers"])
        if len(chosen) < FEWEST:
            raise forms.ValidationError("Choose at least two servers: one coordinates, the others join it.")
        return chosen


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


def printable(text: str, *, lines: bool = False) -> str:
    """Refuse control and direction-changing characters: they make one name look like another."""
    allowed = "\r\n\t" if lines else ""
    if any(unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"} and char not in allowed for char in text):
        raise forms.ValidationError("This holds invisible or control characters. Type it without them.")
    return text
