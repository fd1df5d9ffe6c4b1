"""What the forms of every wizard share: the choice of servers, and what text may hold."""

import unicodedata
from collections.abc import Iterable

from django import forms

from pools.models import Server


class ServersForm(forms.Form):
    """Which servers are meant: at least so many."""

    servers = forms.ModelMultipleChoiceField(
        queryset=Server.objects.none(),
        error_messages={
            "required": "Choose the servers.",
            "invalid_choice": "A chosen server is not there any more, or is not yours to use. Choose again.",
        },
    )

    def __init__(self, *args: object, choices: Iterable[Server], fewest: int, too_few: str, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fewest, self.too_few = fewest, too_few
        field = self.fields["servers"]
        field.error_messages["required"] = too_few
        if isinstance(field, forms.ModelMultipleChoiceField):
            field.queryset = Server.objects.filter(pk__in=[server.pk for server in choices])

    def clean_servers(self) -> list[Server]:
        """A pool needs two servers to be more than a standalone one; adding needs one."""
        chosen = list(self.cleaned_data["servers"])
        if len(chosen) < self.fewest:
            raise forms.ValidationError(self.too_few)
        return chosen


def printable(text: str, *, lines: bool = False) -> str:
    """Refuse control and direction-changing characters: they make one name look like another."""
    allowed = "\r\n\t" if lines else ""
    if any(unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"} and char not in allowed for char in text):
        raise forms.ValidationError("This holds invisible or control characters. Type it without them.")
    return text
