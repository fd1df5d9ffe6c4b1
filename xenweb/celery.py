"""The Celery application; its messages hold row ids only."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xenweb.settings")

app = Celery("xenweb")
app.config_from_object("xenweb.settings:CELERY")
app.autodiscover_tasks(["pools"])
