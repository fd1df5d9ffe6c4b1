"""The Connect page: a paste box for addresses and one login for all of them."""

import re
from dataclasses import dataclass
from ipaddress import ip_address

from django import forms
from django.http import QueryDict

from pools.models import Probe
from pools.xapi.endpoint import Login
from pools.xapi.gate import LONGEST_NAME, NAME

MOST_ROWS = 256
LONGEST_USERNAME = 255
LAST_PORT = 65535
LINE = re.compile(r"^(?P<address>\[[0-9A-Fa-f:.]+\]|[^\s:\[\]]+|[0-9A-Fa-f:.]+)(?::(?P<port>[0-9]{1,5}))?$")


@dataclass(frozen=True, kw_only=True)
class Row:
    """One server to look at; without a login of its own it takes the one given for all."""

    address: str
    port: int | None
    login: Login | None = None


class ConnectForm(forms.Form):
    """Addresses, one a line, each with its own login where it differs: ``address[:port] [user password]``."""

    addresses = forms.CharField(
        label="Servers",
        max_length=40_000,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false", "autocapitalize": "none"}),
        help_text="One address a line. A server with its own login: address, user name and password on one line.",
    )
    username = forms.CharField(label="User name", max_length=LONGEST_USERNAME, initial="root", required=False)
    password = forms.CharField(
        label="Password",
        max_length=1024,
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text="Sent only to the addresses above, and only after you have confirmed their certificates.",
    )

    def clean_addresses(self) -> list[Row]:
        """Read the lines; every wrong one is named with its number."""
        lines = [line.strip() for line in self.cleaned_data["addresses"].splitlines()]
        numbered = [(number, line) for number, line in enumerate(lines, start=1) if line and not line.startswith("#")]
        if not numbered:
            raise forms.ValidationError("Give at least one address.")
        if len(numbered) > MOST_ROWS:
            raise forms.ValidationError(f"Give at most {MOST_ROWS} addresses at a time; these are {len(numbered)}.")
        return [read_line(number, line) for number, line in numbered]

    def clean(self) -> dict[str, object]:
        """A line without a login of its own needs the login for all."""
        cleaned: dict[str, object] = super().clean() or {}
        rows = cleaned.get("addresses")
        if isinstance(rows, list) and any(not row.login for row in rows) and not self.has_login():
            self.add_error("password", "Some lines have no login of their own: give the one that holds for all.")
        return cleaned

    def has_login(self) -> bool:
        return bool(self.cleaned_data.get("username") and self.cleaned_data.get("password"))


class LoginForm(forms.Form):
    """A new login for a server or pool that refuses the stored one."""

    username = forms.CharField(label="User name", max_length=LONGEST_USERNAME, initial="root")
    password = forms.CharField(
        label="Password",
        max_length=1024,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text="It is tried on the server before it is stored.",
    )


class ProbeLoginForm(LoginForm):
    """Another login for one address whose server refused the first; its fields stand in the address's row."""

    def __init__(self, probe: Probe, username: str, data: QueryDict | None = None) -> None:
        super().__init__(data, prefix=f"probe-{probe.pk}", initial={"username": username})
        self.name = f"login-{probe.pk}"
        for field in self.fields.values():
            field.help_text = ""
            field.widget.attrs["form"] = self.name


def read_line(number: int, line: str) -> Row:
    """Read ``address[:port] [user password]``; the password is the rest of the line."""
    parts = line.split(maxsplit=2)
    match = LINE.match(parts[0])
    if match is None or not is_address(match["address"].strip("[]")):
        raise forms.ValidationError(f"Line {number} does not begin with an address.")
    port = int(match["port"]) if match["port"] else None
    if port is not None and not 0 < port <= LAST_PORT:
        raise forms.ValidationError(f"Line {number} has a port that does not exist: {port}.")
    return Row(address=match["address"].strip("[]"), port=port, login=read_login(number, parts[1:]))


def read_login(number: int, parts: list[str]) -> Login | None:
    """Read the login of a line, if it has one of its own."""
    if not parts:
        return None
    if len(parts) == 1:
        raise forms.ValidationError(f"Line {number} has a user name but no password.")
    if len(parts[0]) > LONGEST_USERNAME:
        raise forms.ValidationError(f"Line {number} has a user name of more than {LONGEST_USERNAME} characters.")
    return Login(username=parts[0], password=parts[1])


def is_address(text: str) -> bool:
    """Whether a text has the shape of an IP address or a name; what is behind it is the gate's affair."""
    try:
        ip_address(text)
    except ValueError:
        return len(text) <= LONGEST_NAME and NAME.fullmatch(text) is not None
    return True
