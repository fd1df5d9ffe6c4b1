"""Every URL of the product; each has a line in tests/access_matrix.py."""

from django.urls import URLPattern, path

from pools.views import health

urlpatterns: list[URLPattern] = [
    path("healthz", health.live, name="healthz"),
]
