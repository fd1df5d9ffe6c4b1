"""The product's settings, on servers of the test run's own; and the few that would only cost time."""

from tests.embedded import ensure_environment

ensure_environment()

from xenweb.settings import *  # noqa: E402, F403 -- the environment comes first; settings are a namespace

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
