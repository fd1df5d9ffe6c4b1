"""Another address of a server that is known."""

from ipaddress import ip_address

from django import forms
from django.core.exceptions import ValidationError

from pools.xapi.gate import LONGEST_NAME, NAME


class AddressForm(forms.Form):
    """An IP address or a name; the port stays."""

    address = forms.CharField(
        label="Its address now",
        max_length=LONGEST_NAME,
        widget=forms.TextInput(attrs={"spellcheck": "false", "autocapitalize": "none", "autocomplete": "off"}),
        help_text="As its console shows it, or the DHCP server. It is found only by the certificate that is trusted.",
    )

    def clean_address(self) -> str:
        text = str(self.cleaned_data["address"]).strip("[]")
        try:
            return str(ip_address(text))
        except ValueError:
            pass
        if not NAME.fullmatch(text):
            raise ValidationError("This is neither an IP address nor a host name.")
        return text
