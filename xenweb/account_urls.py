"""The few account pages that xenweb offers; sign-up, e-mail and social pages are left out on purpose."""

from allauth.account import views as account
from django.urls import include, path

from pools.views.account import totp_qr

urlpatterns = [
    path("login/", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("password/change/", account.password_change, name="account_change_password"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("2fa/totp/qr.svg", totp_qr, name="mfa_totp_qr"),
    path("2fa/", include("allauth.mfa.urls")),
    path("sessions/", include("allauth.usersessions.urls")),
]
