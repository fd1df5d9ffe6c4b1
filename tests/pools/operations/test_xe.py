"""The equivalent commands: what a shell reads is what was meant, whatever a server or a person calls itself."""

import shlex

import pytest

from pools.operations.xe import SECRET, xe

PLAIN = ["xe", "-s", "10.0.0.1", "-u", "root", "-pw", SECRET, "pool-param-set", "uuid=1"]


def test_a_command_is_one_a_person_would_type() -> None:
    assert xe("10.0.0.1", "root", "pool-param-set", {"uuid": "1"}) == " ".join(PLAIN)


@pytest.mark.parametrize("text", ["a; reboot", "$(reboot)", "`reboot`", "a\nreboot", "it's", '"', "", "-pw x", "a b"])
def test_no_word_of_others_becomes_a_word_of_the_command(text: str) -> None:
    words = shlex.split(xe(text, text, "pool-param-set", {"name-label": text}))
    assert words == ["xe", "-s", text, "-u", text, "-pw", SECRET, "pool-param-set", f"name-label={text}"]
