"""The tags and filters that every page is made of; their input may come from a hostile host."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import timezone

from pools.checks.finding import Severity
from pools.models import OperationState, ProbeState, Role, Step, StepState
from pools.templatetags import ui
from pools.templatetags.looks import LOOKS, MARKS, NAVIGATION
from pools.templatetags.pages import by_server

STATES = [*OperationState.values, *StepState.values, *ProbeState.values, *[str(one) for one in Severity]]


def shown(source: str, **context: object) -> str:
    return Template(source).render(Context(context))


@pytest.mark.parametrize("state", sorted(set(STATES)))
def test_every_state_has_a_look_of_its_own(state: str) -> None:
    assert state in LOOKS


@pytest.mark.parametrize("state", sorted(LOOKS))
def test_a_badge_is_a_word_and_an_icon_and_a_colour(state: str) -> None:
    html = ui.badge(state)
    assert LOOKS[state].word in html
    assert "<svg" in html
    assert f"tone-{LOOKS[state].tone}" in html


@pytest.mark.parametrize("role", Role)
def test_a_role_shows_its_name(role: Role) -> None:
    assert role.label in ui.badge(role)
    assert role.label in ui.badge(int(role))


def test_a_state_nobody_foresaw_shows_as_it_is() -> None:
    assert "Half asleep" in ui.badge("half_asleep")


def test_a_badge_escapes_its_word() -> None:
    assert "<script>" not in ui.badge("running", "<script>alert(1)</script>")


@pytest.mark.parametrize("state", sorted(MARKS))
def test_a_mark_has_a_sign_and_is_read_aloud(state: str) -> None:
    html = ui.mark(state)
    assert f">{MARKS[state]}<" in html
    assert f'aria-label="{LOOKS[state].word}"' in html


def test_what_has_no_mark_is_unknown_and_never_fine() -> None:
    assert ui.mark("") == ui.mark(None) == ui.mark("unknown")


def test_an_icon_is_silent_unless_it_has_a_label() -> None:
    assert 'aria-hidden="true"' in ui.icon("server")
    assert 'aria-label="Server"' in ui.icon("server", label="Server")
    assert "<b>" not in ui.icon("server", label='"><b>')


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("xs-01", "xs-01"),
        ("two\nlines\tand a tab", "two lines and a tab"),
        ("bell\x07 and escape\x1b[31m", "bell and escape[31m"),
        ("turned\u202e around\u2066", "turned around"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("Zürich 東京", "Zürich 東京"),
        (None, "None"),
    ],
)
def test_clean_leaves_only_what_can_be_seen(given: object, wanted: str) -> None:
    assert ui.clean(given) == wanted


def test_clean_caps_the_length() -> None:
    assert ui.clean("x" * 10_000) == "x" * 119 + "…"
    assert ui.clean("x" * 20, 20) == "x" * 20


def test_clean_text_is_still_escaped_by_the_page() -> None:
    assert shown("{{ name|clean }}", name="<b>&") == "&lt;b&gt;&amp;"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, "–"),
        (-3, "0.0 s"),
        (0.42, "0.4 s"),
        (42, "42 s"),
        (61, "1 min 01 s"),
        (timedelta(hours=2, minutes=4), "2 h 04 min"),
        (3 * 86400 + 7200, "3 d 2 h"),
    ],
)
def test_a_duration_is_said_in_its_two_largest_units(seconds: float | timedelta | None, words: str) -> None:
    assert ui.duration(seconds) == words


def test_elapsed_counts_on_in_the_browser_until_it_has_ended() -> None:
    begun = timezone.now() - timedelta(seconds=75)
    assert f'data-since="{begun.isoformat()}"' in ui.elapsed(begun)
    assert "data-since" not in ui.elapsed(begun, begun + timedelta(seconds=30))
    assert "30 s" in ui.elapsed(begun, begun + timedelta(seconds=30))
    assert ui.elapsed(None) == "–"


@pytest.mark.parametrize(
    ("age", "words"), [(1, "just now"), (30, "30 s ago"), (150, "2 min ago"), (7300, "2 h ago"), (200_000, "2 d ago")]
)
def test_ago_says_the_age_and_keeps_the_exact_moment(age: int, words: str) -> None:
    moment = timezone.now() - timedelta(seconds=age)
    html = ui.ago(moment)
    assert f">{words}</time>" in html
    assert moment.strftime("%Y-%m-%d %H:%M:%S UTC") in html


def test_what_never_was_is_never() -> None:
    assert ui.ago(None) == "never"


@pytest.mark.parametrize(("fraction", "number"), [(None, 0), (0.999, 99), (1, 100), (1.7, 100), (-1, 0)])
def test_percent_stays_between_nothing_and_all(fraction: float | None, number: int) -> None:
    assert ui.percent(fraction) == number


@pytest.mark.parametrize(
    ("count", "words"), [(None, "–"), (512, "512 B"), (2048, "2.0 KiB"), (2**37, "128.0 GiB"), (2**42, "4.0 TiB")]
)
def test_sizes_are_binary(count: int | None, words: str) -> None:
    assert ui.size(count) == words


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Ada Lovelace", "AL"), ("grace", "G"), ("Jean-Luc de Picard", "JP"), ("", "?"), ("\u202e", "?")],
)
def test_initials_are_at_most_two_letters(name: str, letters: str) -> None:
    assert ui.initials(name) == letters


def test_a_person_keeps_his_colour() -> None:
    assert ui.avatar_tone("ada") == ui.avatar_tone("ada")


def test_short_keeps_the_whole_in_the_title() -> None:
    html = ui.short("5f6c2a91-0d5b-4a7e")
    assert ">5f6c2a91<" in html
    assert 'title="5f6c2a91-0d5b-4a7e"' in html


@pytest.mark.parametrize(("path", "label"), [("/", "Home"), ("/estate/", "Estate"), ("/servers/7/", "Estate")])
def test_the_menu_marks_where_we_are(path: str, label: str) -> None:
    menu = ui.navigation(Context({"request": RequestFactory().get(path)}))
    entries = menu["entries"]
    assert isinstance(entries, list)
    assert [entry["item"].label for entry in entries if entry["current"]] == [label]


def test_the_menu_leaves_out_what_is_not_for_this_person() -> None:
    menu = ui.navigation(Context({"nav_hidden": {"people"}}))
    entries = menu["entries"]
    assert isinstance(entries, list)
    assert len(entries) == len(NAVIGATION) - 1


@dataclass
class Took:
    title: str
    state: str
    started_at: datetime | None
    finished_at: datetime | None


def test_the_timeline_draws_each_begun_step_on_one_axis() -> None:
    zero = timezone.now()
    one = Took("<join>", "done", zero, zero + timedelta(seconds=30))
    two = Took("wait", "failed", zero + timedelta(seconds=30), zero + timedelta(seconds=40))
    html = shown("{% timeline steps %}", steps=[one, two, Took("later", "pending", None, None)])
    assert 'x="0.00%"' in html
    assert 'x="75.00%"' in html
    assert 'width="25.00%"' in html
    assert "&lt;join&gt;: 30 s" in html
    assert "later" not in html


def test_a_timeline_without_begun_steps_is_nothing() -> None:
    assert shown("{% timeline steps %}", steps=[Took("later", "pending", None, None)]).strip() == ""


@pytest.mark.parametrize(("tag", "state"), [("success", "ok"), ("error", "error"), ("info", "info"), ("debug", "info")])
def test_messages_of_django_have_states_of_ours(tag: str, state: str) -> None:
    assert ui.message_state(tag) == state


@pytest.mark.parametrize(("servers", "groups"), [(3, [""] * 5), (4, ["", "xs-1", "xs-2", "xs-3", "xs-4", ""])])
def test_a_plan_of_many_servers_is_grouped_by_server(servers: int, groups: list[str]) -> None:
    def lane(number: int) -> list[Step]:
        named = {"host_uuid": f"uuid-{number}", "host_name": f"xs-{number}"}
        return [Step(lane=f"uuid-{number}", parks=True, seq=seq, params=named) for seq in (2 * number, 2 * number + 1)]

    around = Step(lane="uuid-0", seq=1), Step(lane="uuid-0", seq=99)
    shown = by_server([around[0], *(step for number in range(1, servers + 1) for step in lane(number)), around[1]])
    assert [group.name for group in shown] == groups
    assert (shown[1].first, shown[1].last, len(shown[1].steps)) == (2, 3, 2)
