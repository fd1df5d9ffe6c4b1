"""The ASGI application, and the hook with which the web server ends open streams."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xenweb.settings")

application = get_asgi_application()


def stop_streams() -> None:
    """Tell every open live stream of this process to end, so that the server can exit at once."""
    from pools.views import hub

    hub.stop_all()
