from django.apps import AppConfig


class PoolsConfig(AppConfig):
    """The one application of xenweb."""

    name = "pools"
    verbose_name = "Pools"
