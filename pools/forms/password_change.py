"""A server's new password, typed twice."""

import re

from django import forms
from django.core.exceptions import ValidationError

SHORTEST, LONGEST = 12, 128
TYPABLE = re.compile(r"[!-~]+")


class NewPasswordForm(forms.Form):
    """What can be typed on every console: no spaces, no letters that only some keyboards have."""

    password = forms.CharField(
        label="New password",
        max_length=LONGEST,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=f"At least {SHORTEST} characters: letters, digits and signs that every console’s keyboard has.",
    )
    again = forms.CharField(
        label="Once more",
        max_length=LONGEST,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    kept = forms.BooleanField(
        label="I have kept it where my team finds it",
        error_messages={"required": "Keep it first: xenweb stores it, and shows it to nobody."},
    )

    def clean_password(self) -> str:
        password = str(self.cleaned_data["password"])
        if not TYPABLE.fullmatch(password):
            raise ValidationError("Use letters, digits and signs without accents, and no spaces.")
        if len(password) < SHORTEST:
            raise ValidationError(f"Use at least {SHORTEST} characters.")
        return password

    def clean(self) -> dict[str, object]:
        cleaned: dict[str, object] = super().clean() or {}
        if cleaned.get("password") and cleaned.get("again") != cleaned["password"]:
            self.add_error("again", "The two are not the same.")
        return cleaned
