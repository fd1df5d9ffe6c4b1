"""The WSGI application, for tools that need one; the product runs on ASGI (live streams)."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xenweb.settings")

application = get_wsgi_application()
