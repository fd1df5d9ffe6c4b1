"""No password and no session reference leaves the gateway in an error, a hook or a frame."""

import io
import secrets
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest
from django.views.debug import ExceptionReporter

from pools.xapi.endpoint import Endpoint, Login, Secret
from pools.xapi.errors import XapiError, failure
from pools.xapi.gateway import open_session
from pools.xapi.limits import Limits
from tests.pools.xapi.hostile import Answer, closing, hostile, reply, saying, silent

CANARY = f"canary-{secrets.token_hex(16)}"
SESSION = f"OpaqueRef:{secrets.token_hex(16)}"
LOGIN = Login(username="root", password=CANARY)
LOGGED_IN = saying(reply(f'{{"jsonrpc":"2.0","result":"{SESSION}","id":1}}'.encode()))


def echo(code: str, *params: str) -> Answer:
    """An error that echoes what it was given."""
    data = ",".join(f'"{param}"' for param in params)
    return saying(reply(f'{{"jsonrpc":"2.0","error":{{"code":1,"message":"{code}","data":[{data}]}},"id":1}}'.encode()))


ANSWERS: dict[str, Answer] = {
    "connection lost": closing,
    "time-out": silent,
    "garbage": saying(b"nonsense\r\n\r\n"),
    "echo": echo("INTERNAL_ERROR", CANARY, f"login of root with {CANARY}", SESSION),
    "echo as code": echo(CANARY),
    "no JSON": saying(reply(b"{", kind="application/json")),
}


def sign_in(endpoint: Endpoint, limits: Limits) -> None:
    with open_session(endpoint, LOGIN, limits=limits):
        pass


def join(endpoint: Endpoint, limits: Limits) -> None:
    with open_session(endpoint, Login(username="root", password="another one"), limits=limits) as xapi:
        xapi.pool_join("127.0.0.1", LOGIN)


def read(endpoint: Endpoint, limits: Limits) -> None:
    with open_session(endpoint, LOGIN, limits=limits) as xapi:
        xapi.snapshot()


@pytest.mark.parametrize("act", [sign_in, join, read])
@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS.keys())
def test_no_secret_is_in_an_error_or_in_its_frames(
    tmp_path: Path, hasty: Limits, act: Callable[[Endpoint, Limits], None], answer: Answer
) -> None:
    answers = (answer,) if act is sign_in else (LOGGED_IN, answer)
    with hostile(tmp_path, *answers) as server, pytest.raises(XapiError) as caught:
        act(server.endpoint, hasty)
    shown = everything(caught.value)
    assert "XENWEB" in shown or "INTERNAL_ERROR" in shown
    assert CANARY not in shown
    assert SESSION not in shown or act is sign_in  # before the login nobody knows it


def everything(error: XapiError) -> str:
    """What logs, people and Django's error report would see, local variables included."""
    out = io.StringIO()
    lines = traceback.TracebackException.from_exception(error, capture_locals=True).format()
    out.writelines(lines)
    reporter = ExceptionReporter(None, type(error), error, error.__traceback__)
    frames = reporter.get_traceback_frames()
    out.write(str([frame["vars"] for frame in frames if "pools/xapi/" in frame["filename"]]))
    return f"{out.getvalue()} {error!r} {error} {error.args} {error.params}"


def test_a_hook_that_raises_shows_no_password(tmp_path: Path, hasty: Limits) -> None:
    class Refusing:
        def before_write(self, method: str, arguments: tuple[str, ...]) -> None:
            raise LookupError(*arguments)

        def after_write(self, method: str, task_ref: str) -> None: ...

    with (
        hostile(tmp_path, LOGGED_IN) as server,
        pytest.raises(LookupError) as caught,
        open_session(server.endpoint, LOGIN, limits=hasty) as xapi,
    ):
        xapi.recorded_by(Refusing()).pool_join("127.0.0.1", LOGIN)
    lines = traceback.TracebackException.from_exception(caught.value, capture_locals=True).format()
    assert CANARY not in "".join(lines)


def test_secrets_and_logins_do_not_show_themselves() -> None:
    assert CANARY not in repr(LOGIN) + repr(Secret(CANARY)) + repr([Secret(CANARY)])


def test_what_xapi_echoes_is_masked_and_capped() -> None:
    made = failure(["INTERNAL_ERROR", f"x{CANARY}y", "abc", "ab", "long" * 1000], [CANARY, "ab", ""])
    assert made.params[:3] == ("x•••y", "abc", "•••")
    assert len(made.params[3]) == 500
    assert failure(["<script>", "param"]).code == "INTERNAL_ERROR"
