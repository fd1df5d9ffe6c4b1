"""Where the URLs begin."""

from django.urls import include, path

urlpatterns = [
    path("accounts/", include("xenweb.account_urls")),
    path("", include("pools.urls")),
]
handler403 = "pools.views.refusals.forbidden"
handler404 = "pools.views.refusals.not_found"
