"""Who may do what: roles, teams, grants."""

from typing import ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.db import models
from django.db.models import Q


class User(AbstractUser):
    """A person; what he may do stands in his grants and those of his teams."""

    @property
    def display_name(self) -> str:
        return self.get_full_name() or self.username


Person = User | AnonymousUser


class Role(models.IntegerChoices):
    """What a person may do; each role includes the ones before it."""

    VIEWER = 1, "Viewer"
    OPERATOR = 2, "Operator"
    ADMINISTRATOR = 3, "Administrator"
    OWNER = 4, "Owner"


class Team(models.Model):
    """A group of people who share grants."""

    name = models.CharField(max_length=100, unique=True)
    members = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="teams", blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


class Grant(models.Model):
    """A role given to one user or one team, on one pool or (pool empty) on the whole estate."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="grants"
    )
    team = models.ForeignKey(Team, on_delete=models.CASCADE, null=True, blank=True, related_name="grants")
    pool = models.ForeignKey("pools.Pool", on_delete=models.CASCADE, null=True, blank=True, related_name="grants")
    role = models.PositiveSmallIntegerField(choices=Role.choices)
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    given_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(user__isnull=False, team__isnull=True) | Q(user__isnull=True, team__isnull=False),
                name="grant_to_user_or_team",
            ),
            models.UniqueConstraint(fields=["user", "team", "pool"], name="grant_once", nulls_distinct=False),
        ]

    def __str__(self) -> str:
        return f"{Role(self.role).label} on {self.pool or 'the estate'} for {self.user or self.team}"
