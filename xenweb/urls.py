"""Where the URLs begin."""

from django.urls import include, path

urlpatterns = [
    path("accounts/", include("xenweb.account_urls")),
    path("", include("pools.urls")),
]
