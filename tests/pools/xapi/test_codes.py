"""The dictionary is whole: every code that pool administration can meet has a card with all its parts."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import simulator
from pools.xapi.messages import MESSAGES, SUBJECTS, explain, find, names_of
from pools.xapi.messages.codes import PARAMS

CODE = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")
PLACE = re.compile(r"\{(\d+)\}")
PARTS = ("title", "text", "remedy", "press", "where", "command", "note")
RAISES = frozenset({"XapiError", "refuse", "Refusal"})

# What the simulator answers to calls about VMs' disks, snapshots and devices, which xenweb never makes.
NEVER_CALLED = re.compile(
    r"V[BD]D_|DEVICE_|INVALID_DEVICE|LOCATION_NOT_UNIQUE|IMPORT_ERROR|MEMORY_CONSTRAINT|ONLY_|.*_TEMPLATE$|VDI_"
)


def test_every_code_has_a_card() -> None:
    assert len(PARAMS) > 350
    assert [code for code in PARAMS if code not in MESSAGES] == []


@pytest.mark.parametrize("part", PARTS)
def test_every_card_of_a_code_of_xapi_has_all_its_parts(part: str) -> None:
    cards = {key: message for key, message in MESSAGES.items() if not key.startswith("XENWEB_")}
    assert [key for key, message in cards.items() if not getattr(message, part)] == []


def test_every_card_of_ours_says_what_happened_why_and_what_to_do() -> None:
    ours = {key: message for key, message in MESSAGES.items() if key.startswith("XENWEB_")}
    assert [key for key, card in ours.items() if not (card.title and card.text and card.remedy)] == []
    assert [key for key, card in ours.items() if not card.press] == []


def test_a_card_names_no_value_that_its_code_does_not_have() -> None:
    wrong = {}
    for key, message in MESSAGES.items():
        code, _, _ = key.partition(" ")
        texts = " ".join(str(getattr(message, part)) for part in PARTS)
        places = {int(place) for place in PLACE.findall(texts)}
        if code in PARAMS and places and max(places) >= len(PARAMS[code]):
            wrong[key] = max(places)
    assert wrong == {}


def test_no_two_subjects_have_one_code_and_none_is_empty() -> None:
    codes = [key.partition(" ")[0] for messages in SUBJECTS.values() for key in {k.partition(" ")[0] for k in messages}]
    assert len(codes) == len(set(codes))
    assert all(SUBJECTS.values())


def test_a_command_never_takes_a_hostile_value_for_more_than_a_word() -> None:
    told = explain("CERTIFICATE_ALREADY_EXISTS", ["ca.pem; rm -rf /"])
    assert told.command == "xe pool-uninstall-ca-certificate name='ca.pem; rm -rf /'"
    assert explain("CERTIFICATE_ALREADY_EXISTS").command.endswith("name=<name>")


def test_the_values_have_their_names() -> None:
    assert explain("HOST_IS_SLAVE", ["10.0.0.1"]).named == (("Master IP address", "10.0.0.1"),)
    assert explain("HOST_IS_LIVE", ["ref", "more"]).named == (("host", "ref"), ("value 2", "more"))
    assert names_of("SOMETHING_NEW") == ()


def test_a_numbered_code_of_a_storage_driver_has_the_card_of_all_of_them() -> None:
    assert find("SR_BACKEND_FAILURE_73", ["", "NFS mount error", ""]) is MESSAGES["SR_BACKEND_FAILURE"]


def test_every_code_that_the_simulator_raises_has_a_card() -> None:
    files = Path(simulator.__path__[0], "xapi").rglob("*.py")
    raised = {code for file in files for code in raised_in(ast.parse(file.read_text("utf-8")))}
    assert len(raised) > 120
    assert [code for code in sorted(raised) if find(code) is None and not NEVER_CALLED.match(code)] == []


def raised_in(tree: ast.Module) -> Iterator[str]:
    """The codes among the arguments of calls that make an error."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in RAISES:
            texts = [arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
            yield from (text for text in texts[:1] if CODE.fullmatch(text))
