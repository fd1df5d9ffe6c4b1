"""The log's last net: whatever code says, a secret after its name, or in a URL, is masked."""

import json
import logging
import sys
import time

import pytest

from xenweb.logs import JsonFormatter, SecretFilter


def logged(message: str, *args: object, exception: bool = False) -> dict[str, str]:
    """Return the line as the log has it."""
    info = sys.exc_info() if exception else None
    record = logging.LogRecord("pools", logging.INFO, __file__, 1, message, args, info)
    assert SecretFilter().filter(record)
    line: dict[str, str] = json.loads(JsonFormatter().format(record))
    return line


@pytest.mark.parametrize(
    "text",
    [
        "password=hunter2",
        "password = hunter2",
        "Password: hunter2",
        "password=two hunter2",
        "password='two, hunter2'",
        "{'password': 'hunter2'}",
        """{'password': "it's hunter2"}""",
        r"""{'password': 'it\'s hunter2'}""",
        '{"password": "hunter2"}',
        r'"{\"password\": \"hunter2\"}"',
        "{'password': b'hunter2'}",
        "('password=', 'hunter2')",
        "new_password=hunter2",
        "?token=hunter2",
        "csrftoken=hunter2",
        "Authorization: Basic hunter2",
        "sessionid=hunter2",
        "session_id: 'hunter2'",
        "redis://:hunter2@h/0",
        "redis://:two@hunter2@h/0",
        "postgres://user:hunter2@db.example:5432/xenweb",
        "password='" + "x" * 10_000 + " hunter2",
    ],
)
def test_a_secret_is_masked_wherever_it_stands(text: str) -> None:
    assert "hunter2" not in logged("before %s", text)["message"]
    assert "•••" in logged(text)["message"]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("{'password': 'hunter2', 'name': 'xs-1'}", "{'password': •••, 'name': 'xs-1'}"),
        ("redis://:hunter2@h/0 is away", "redis://:•••@h/0 is away"),
        ("password=hunter2\nthe next line", "password=•••\nthe next line"),
        ("password.reset of vera", "password.reset of vera"),
        ("http://10.0.0.1:8000/pools/ is slow", "http://10.0.0.1:8000/pools/ is slow"),
        ("CSRF token missing: /people/", "CSRF token missing: /people/"),
    ],
)
def test_what_is_no_secret_stays_readable(text: str, left: str) -> None:
    assert logged(text)["message"] == left


def test_an_exceptions_text_is_masked_too() -> None:
    try:
        dict[str, str]()["password=" + "hunter2"]
    except KeyError:
        line = logged("failed", exception=True)
    assert "KeyError" in line["exception"]
    assert "hunter2" not in line["exception"]


@pytest.mark.parametrize(
    "text", ["a" * 300_000, "://:" * 75_000, "password=" * 30_000, "password" * 30_000, "'" * 300_000]
)
def test_a_long_hostile_text_costs_no_time(text: str) -> None:
    began = time.perf_counter()
    logged(text)
    assert time.perf_counter() - began < 2
