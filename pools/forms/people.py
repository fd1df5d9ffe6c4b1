"""Forms of the people and team pages."""

from django import forms
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.http import QueryDict

from pools.models import Pool, Role, Team, User
from pools.templatetags.ui import clean

NO_ROLE = [("", "No role yet")]
ESTATE = "estate"


class NameField(forms.CharField):
    """One line of text without control characters."""

    def clean(self, value: str | None) -> str:
        name = " ".join((super().clean(value) or "").split())
        if not name.isprintable():
            raise ValidationError("Use letters, digits and signs that can be seen.")
        return name


def password_field() -> forms.CharField:
    """A password typed for somebody else; the service judges it."""
    return forms.CharField(
        required=False,
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="At least 15 characters. Left empty, one is made and shown to you once.",
    )


class PersonForm(forms.Form):
    """A new account: who, with which password, and a first role on the whole estate."""

    username = forms.CharField(
        max_length=150,
        validators=[UnicodeUsernameValidator()],
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
        help_text="For signing in: letters, digits and @ . + - _",
    )
    full_name = NameField(max_length=150, required=False, help_text="Shown on pages and in approvals.")
    role = forms.TypedChoiceField(
        choices=[*NO_ROLE, *Role.choices], coerce=int, required=False, empty_value=None,
        label="Role on the whole estate", help_text="Roles on single pools are given on the person's page.",
    )  # fmt: skip
    password = password_field()

    def clean_username(self) -> str:
        """Names that differ only in capitals would be one person at sign-in."""
        username = str(self.cleaned_data["username"])
        if User.objects.filter(username__iexact=username).exists():
            raise ValidationError("Somebody has this user name already.")
        return username


class PasswordForm(forms.Form):
    """A new password for somebody else."""

    password = password_field()


class RoleForm(forms.Form):
    """A role on one pool or on the whole estate; where is always said, never guessed."""

    role = forms.TypedChoiceField(choices=Role.choices, coerce=int)
    pool = forms.ChoiceField(label="On")

    def __init__(self, data: QueryDict | None = None) -> None:
        super().__init__(data)
        self.pools = {str(pool.pk): pool for pool in Pool.objects.current().select_related("coordinator")}
        where = self.fields["pool"]
        if isinstance(where, forms.ChoiceField):
            named = [(key, clean(pool, 60)) for key, pool in self.pools.items()]
            where.choices = [("", "Choose where"), (ESTATE, "The whole estate"), *named]

    def clean_pool(self) -> Pool | None:
        """Return the pool, or None for the estate."""
        return self.pools.get(self.cleaned_data["pool"])


class TeamForm(forms.Form):
    """A team's name."""

    name = NameField(max_length=100)


class MemberForm(forms.Form):
    """A person to put into a team."""

    person = forms.ModelChoiceField(User.objects.none(), empty_label="Choose a person")

    def __init__(self, *args: object, team: Team, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        people = self.fields["person"]
        if isinstance(people, forms.ModelChoiceField):
            people.queryset = User.objects.filter(is_active=True).exclude(teams=team).order_by("username")
