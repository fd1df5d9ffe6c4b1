"""Made-up servers, plans and findings for the page that shows every component in every state."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django import forms, template
from django.core.paginator import Paginator
from django.utils import timezone

from pools.templatetags.looks import LOOKS, MARKS

register = template.Library()

SERVER_NAMES = ("xs-fra-01", "xs-fra-02", "xs-fra-03", "xs-fra-04")
RULES = (
    ("Same CPU vendor as the coordinator", ("ok", "ok", "ok", "error")),
    ("No running virtual machines", ("not_applicable", "error", "ok", "ok")),
    ("Management interface has a fixed address", ("ok", "ok", "unknown", "ok")),
    ("Clock within three seconds of the coordinator", ("ok", "warning", "ok", "ok")),
    ("Same version and patch level", ("ok", "ok", "ok", "ok")),
    ("Same CPU features", ("info", "ok", "ok", "ok")),
)
ROUNDS = ("done", "done", "running", "pending", "pending")


class SampleForm(forms.Form):
    """One field of every kind."""

    name = forms.CharField(
        max_length=60, initial="Frankfurt production", help_text="Shown everywhere. You can change it later."
    )
    description = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 2}))
    version = forms.ChoiceField(choices=[("82", "XCP-ng 8.2"), ("83", "XCP-ng 8.3")])
    password = forms.CharField(
        widget=forms.PasswordInput(render_value=True), help_text="The root password of the server."
    )
    addresses = forms.CharField(
        widget=forms.Textarea(attrs={"class": "paste", "spellcheck": "false"}),
        initial="10.20.0.11\n10.20.0.12\n10.20.0.13  root  other-port=8443",
        help_text="One address a line, or a pasted column of a spreadsheet.",
    )
    scope = forms.ChoiceField(
        widget=forms.RadioSelect, choices=[("one", "One login for all servers"), ("each", "A login for each server")]
    )
    careful = forms.BooleanField(required=False, initial=True, label="Tell me when it has ended")
    address = forms.GenericIPAddressField(label="Management address")


@register.simple_tag
def samples() -> dict[str, object]:
    """Return everything that the page shows."""
    spoiled = SampleForm({"name": "Frankfurt production", "address": "10.20.0.300", "scope": "one", "version": "83"})
    return {
        "form": SampleForm(initial={"scope": "one"}),
        "spoiled": spoiled["address"],
        "states": [key for key in LOOKS if key not in MARKS],
        "marks": list(MARKS),
        "roles": [1, 2, 3, 4],
        "servers": [{"name": name} for name in SERVER_NAMES],
        "many": [{"name": f"xs-fra-{number:02}"} for number in range(1, 17)],
        "rules": [_rule(title, cells) for title, cells in RULES],
        "many_rules": [_rule(title, cells * 4) for title, cells in RULES],
        "findings": findings(),
        "steps": [
            sample_step(seq, state) for seq, state in enumerate(("done", "done", "skipped", "failed", "pending"))
        ],
        "plan": [sample_step(seq, "pending") for seq in range(3)],
        "lanes": [lane(place, name) for place, name in enumerate(SERVER_NAMES[:3])],
        "journal": journal(),
        "wizard": wizard_steps(),
        "page": Paginator(range(240), 25).page(3),
        "now": timezone.now(),
        "old": timezone.now() - timedelta(hours=3, minutes=12),
        "script": SCRIPT,
    }


SCRIPT = """# Frankfurt production: join two servers to xs-fra-01
xe -s 10.20.0.12 -u root -pwf ./xs-fra-02.pw pool-join \\
    master-address=10.20.0.11 master-username=root master-password=********
xe -s 10.20.0.11 pool-param-set uuid=5f6c… name-label="Frankfurt production"
"""


def _rule(title: str, cells: tuple[str, ...]) -> dict[str, object]:
    fine = not set(cells) & {"error", "unknown", "warning"}
    links = {"error": "finding-cpu", "unknown": "finding-dhcp", "warning": "finding-clock"}
    return {"title": title, "fine": fine, "cells": [{"state": cell, "finding": links.get(cell, "")} for cell in cells]}


def findings() -> list[dict[str, object]]:
    """Return one finding of each severity."""
    return [
        {
            "id": "finding-cpu", "severity": "error", "code": "POOL_HOSTS_NOT_HOMOGENEOUS", "servers": [SERVER_NAMES[3]],
            "title": "The processors are of two vendors",
            "explanation": "Virtual machines cannot move between AMD and Intel processors. XenServer refuses the join.",
            "theirs": "AuthenticAMD · EPYC 7313P", "ours": "GenuineIntel · Xeon Gold 6338", "theirs_label": SERVER_NAMES[3],
            "remedy": "Leave this server out, or make a pool of AMD servers with it.", "fixes": [("Leave it out", "#")], "values": {},
        },
        {
            "id": "finding-dhcp", "severity": "unknown", "code": "XENWEB_MANAGEMENT_MODE_UNKNOWN", "servers": [SERVER_NAMES[2]],
            "title": "The management interface could not be read",
            "explanation": "The server answered, but the record of the interface did not arrive within five seconds.",
            "remedy": "Check again. What is unknown is never taken for fine.", "values": {},
        },
        {
            "id": "finding-clock", "severity": "warning", "code": "XENWEB_CLOCK_SKEW", "servers": [SERVER_NAMES[1]],
            "title": "The clock is 41 seconds behind", "values": {"Server": "14:02:19 UTC", "Coordinator": "14:03:00 UTC"},
            "remedy": "Give both servers the same NTP servers before the join.",
        },
    ]  # fmt: skip


@dataclass(frozen=True)
class SampleStep:
    """What the components read of a step."""

    seq: int
    state: str
    title: str
    call: str
    undo: str
    interruption: str
    expected_seconds: float
    started_at: datetime | None
    finished_at: datetime | None

    @property
    def pk(self) -> str:
        return f"sample-{self.seq}-{self.state}"

    @property
    def progress(self) -> float:
        return 0.62 if self.state == "running" else 0

    @property
    def note(self) -> str:
        notes = {"running": "XAPI: joining", "failed": "The server ended the connection before it answered."}
        return notes.get(self.state, "")

    @property
    def error_code(self) -> str:
        return "HOST_IS_SLAVE" if self.state == "failed" else ""


# title, call, undo, interruption, expected seconds
STEPS = (
    ("Examine the server", "", "Nothing was changed", "", 0.4),
    ("Save the network", "pool.create_new_blob(…)", "Nothing was changed", "", 2),
    (
        "Join the pool",
        'pool.join("10.20.0.11", "root", "********")',
        "",
        "The server does not answer for about 20 s",
        42,
    ),
    ("Wait for the restart", "", "Nothing was changed", "", 25),
    ("Prove the login", "session.login_with_password(…)", "Nothing was changed", "", 1),
)


def sample_step(seq: int, state: str) -> SampleStep:
    """Return a step of an operation in the given state."""
    title, call, undo, interruption, expected = STEPS[seq]
    started = timezone.now() - timedelta(seconds=90 - 18 * seq)
    begun = state in {"done", "running", "failed", "needs_attention"}
    ended = state in {"done", "failed"}
    return SampleStep(
        seq=seq, state=state, title=title, call=call, undo=undo, interruption=interruption, expected_seconds=expected,
        started_at=started if begun else None,
        finished_at=started + timedelta(seconds=17 - 3 * seq) if ended else None,
    )  # fmt: skip


def lane(place: int, name: str) -> dict[str, object]:
    """Return a server's lane: one at work, one in trouble, one done."""
    state, states = (
        ("running", ROUNDS),
        ("needs_attention", ("done", "done", "failed", "pending", "pending")),
        ("succeeded", ("done",) * 5),
    )[place]
    return {
        "key": name, "name": name, "icon": "crown" if place == 2 else "server", "state": state,  # noqa: PLR2004
        "progress": (0.48, 0.4, 1)[place], "done": (2, 2, 5)[place], "total": 5, "note": "",
        "steps": [sample_step(seq, step_state) for seq, step_state in enumerate(states)],
    }  # fmt: skip


def journal() -> list[dict[str, object]]:
    """Return a line of each level."""
    lines = (
        ("info", "Ada Lovelace started the plan 3f9a41c2, approved by Grace Hopper"),
        ("ok", "xs-fra-02: login proved, certificate as pinned"),
        ("info", "xs-fra-02: pool.join sent"),
        ("warning", "xs-fra-02: no answer for 20 s; the call is not repeated, the state is being read"),
        ("unknown", "xs-fra-02: whether it joined is not known yet"),
        ("error", "xs-fra-04: POOL_HOSTS_NOT_HOMOGENEOUS (cpu_vendor)"),
    )
    now = timezone.now()
    return [{"pk": n, "at": now, "level": level, "text": text} for n, (level, text) in enumerate(lines)]


def wizard_steps() -> list[dict[str, str]]:
    """Return the steps of the create-pool wizard, three of them done."""
    labels = ("Servers", "Coordinator", "Checks", "Name", "Plan")
    states = ("done", "done", "current", "todo", "todo")
    notes = ("4 chosen", "xs-fra-01", "", "", "")
    together = zip(labels, states, notes, strict=True)
    return [{"label": label, "state": state, "note": note, "url": "#"} for label, state, note in together]
