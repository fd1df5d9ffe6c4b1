"""Project package; importing it makes the Celery application known to Django."""

from xenweb.celery import app as celery_app

__all__ = ["celery_app"]
