"""The catalogue explains every code of ours, and never fails."""

import re
from collections import Counter
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest

import pools
from pools.xapi import messages
from pools.xapi.messages import MESSAGES, explain

OURS = re.compile(r'"(XENWEB_[A-Z0-9_]+)"')
HOSTILE = ["\u202e{0}", "{1}{name}", "<img onerror=x>", "a" * 100_000, "\ud800", "%s", "\x00\x1b[31m", 5, None]


def modules() -> dict[str, dict[str, object]]:
    names = [module.name for module in iter_modules(messages.__path__, f"{messages.__name__}.")]
    return {name: getattr(import_module(name), "MESSAGES", {}) for name in names}


def test_no_code_is_explained_twice() -> None:
    count = Counter(code for found in modules().values() for code in found)
    assert [code for code, times in count.items() if times > 1] == []


def test_every_code_that_the_gateway_gives_is_explained() -> None:
    files = [*Path(pools.__path__[0], "xapi").glob("*.py"), *Path(pools.__path__[0]).glob("*.py")]
    codes = {code for file in files for code in OURS.findall(file.read_text("utf-8"))}
    assert len(codes) > 15
    assert codes - MESSAGES.keys() == set()


@pytest.mark.parametrize("code", MESSAGES)
def test_every_message_is_whole(code: str) -> None:
    name, _, param = code.partition(" ")
    shown = explain(name, [param or "zero", "one", "two", "three", "four"])
    assert shown.title
    assert shown.text
    assert shown.remedy.endswith(".")


@pytest.mark.parametrize("param", HOSTILE, ids=repr)
def test_hostile_values_change_nothing(param: object) -> None:
    shown = explain("XENWEB_CERTIFICATE_CHANGED", [param, param], {"name": param})
    assert "\u202e" not in shown.text
    assert "\x1b" not in shown.text
    assert len(shown.text) < 2000


def test_missing_values_are_said() -> None:
    assert "(not given)" in explain("HOST_IS_SLAVE").text


def test_an_unknown_code_is_shown_with_what_xapi_said() -> None:
    shown = explain("SOMETHING_NEW", ["a", "b"])
    assert (shown.title, shown.known) == ("XAPI answered SOMETHING_NEW", False)
    assert "a, b" in shown.text
    assert explain("").title == "XAPI answered without a code"


@pytest.mark.parametrize("code", ["XENWEB_TIMEOUT", "XENWEB_CONNECTION_LOST", "XENWEB_HTTP_ERROR"])
def test_what_got_no_answer_is_told_for_reading_and_for_changing(code: str) -> None:
    told = explain(code, ("10.0.0.1", "503"))
    assert "10.0.0.1" in told.text
    assert "Connecting, signing in and reading change nothing." in told.text
    assert "may or may not have happened" in told.text
    assert "try again" in told.remedy
