"""Reads settings from the environment, strictly: a wrong value stops the start with a sentence."""

import ipaddress
import json
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

env = environ.Env()

SHORTEST_SECRET_KEY = 32
NO_LAB = "off"

BASE_DIR = Path(__file__).resolve().parent.parent


def var_dir() -> Path:
    """Return the state directory (``XENWEB_VAR``, default ``var/`` beside manage.py)."""
    return Path(env.str("XENWEB_VAR", default=str(BASE_DIR / "var"))).resolve()


def secret_key() -> str:
    """``SECRET_KEY`` or the file ``secret_key`` in the keys directory; without either there is no start."""
    value = env.str("SECRET_KEY", default="") or read_key("secret_key")
    if len(value) < SHORTEST_SECRET_KEY:
        raise ImproperlyConfigured("SECRET_KEY is missing or shorter than 32 characters; ./run makes one.")
    return value


def read_key(name: str) -> str:
    """Read one key file; an absent file is an empty string, which the user of the key refuses."""
    path = keys_dir() / name
    return path.read_text(encoding="ascii").strip() if path.is_file() else ""


def keys_dir() -> Path:
    """Return the directory with ``secret_key``, ``credential_keys`` and ``audit_key`` (mode 0600 each)."""
    return Path(env.str("XENWEB_KEYS_DIR", default=str(var_dir() / "keys")))


def database() -> dict[str, object]:
    """Translate ``DATABASE_URL`` (PostgreSQL only) to Django's dictionary, with a connection pool."""
    config: dict[str, object] = dict(env.db_url("DATABASE_URL"))
    if config["ENGINE"] not in {"django.db.backends.postgresql", "django.db.backends.postgresql_psycopg2"}:
        raise ImproperlyConfigured("DATABASE_URL must name a PostgreSQL database.")
    given = config.get("OPTIONS")
    options: dict[str, object] = dict(given) if isinstance(given, dict) else {}
    if "host" in options:
        config["HOST"] = options.pop("host")
    options["pool"] = {"min_size": 1, "max_size": 8, "timeout": 10}
    return config | {"ENGINE": "django.db.backends.postgresql", "OPTIONS": options, "CONN_MAX_AGE": 0}


def networks(name: str, default: list[str]) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    """Parse a comma-separated list of networks, each ``address/bits``."""
    try:
        return [ipaddress.ip_network(text) for text in env.list(name, default=default)]
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}: {error}") from error


def lab() -> dict[str, object] | None:
    """Return the practice lab's description (the simulator's ready line) from ``XENWEB_LAB``.

    Where a lab is named but not described, a start without it would open the way to real servers.
    """
    path = env.str("XENWEB_LAB", default="")
    if path in {"", NO_LAB}:
        return None
    try:
        described = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        described = None
    if not (isinstance(described, dict) and described.get("hosts")):
        raise ImproperlyConfigured(f"XENWEB_LAB names {path}, which describes no practice lab; “off” means none.")
    return described
