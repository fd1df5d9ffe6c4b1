"""The filter of the audit page."""

from datetime import date, datetime, time

from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone

from pools.models import Pool
from pools.models.audit import AuditQuerySet
from pools.templatetags.ui import clean

RECENT = 5000
"""The actions offered are those of so many last entries, however long the audit is."""


class AuditFilter(forms.Form):
    """By person, action, pool and days; what is empty filters nothing."""

    person = forms.CharField(required=False, max_length=150)
    action = forms.ChoiceField(required=False)
    pool = forms.ModelChoiceField(Pool.objects.none(), required=False)
    since = forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}), label="From")
    until = forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}), label="To")

    def offer(self, entries: AuditQuerySet, pools: QuerySet[Pool]) -> None:
        """Offer the actions and pools that this person can see."""
        recent = entries.filter(pk__in=entries.order_by("-pk").values("pk")[:RECENT])
        names = recent.order_by("action").values_list("action", flat=True).distinct()
        action, pool = self.fields["action"], self.fields["pool"]
        if isinstance(action, forms.ChoiceField) and isinstance(pool, forms.ModelChoiceField):
            action.choices = [("", "Every action"), *((name, in_words(name)) for name in names)]
            pool.queryset = pools.select_related("coordinator")
            pool.choices = [("", "Every pool"), *((each.pk, clean(each, 60)) for each in pool.queryset)]

    def narrow(self, entries: AuditQuerySet) -> AuditQuerySet:
        """Keep the entries that were asked for."""
        chosen = self.cleaned_data if self.is_valid() else {}
        wanted = Q()
        if person := chosen.get("person"):
            wanted &= Q(actor_name__icontains=person) | Q(subject__icontains=person)
        if action := chosen.get("action"):
            wanted &= Q(action=action)
        if pool := chosen.get("pool"):
            wanted &= Q(pool=pool)
        if since := chosen.get("since"):
            wanted &= Q(at__gte=on(since, time.min))
        if until := chosen.get("until"):
            wanted &= Q(at__lte=on(until, time.max))
        return entries.filter(wanted)


def on(day: date, at: time) -> datetime:
    """Return a moment of a day in the zone that the page shows."""
    return timezone.make_aware(datetime.combine(day, at))


def in_words(action: str) -> str:
    """Turn ``approval.asked`` into words."""
    words = action.replace(".", " ").replace("_", " ").capitalize()
    return words.replace("Xapi ", "XAPI ")
