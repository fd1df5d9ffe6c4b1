from django.apps import AppConfig


class PoolsConfig(AppConfig):
    """The one application of xenweb."""

    name = "pools"
    verbose_name = "Pools"

    def ready(self) -> None:
        """Let sign-ins be audited; models are loaded only now."""
        from pools.services import signin

        signin.connect()
