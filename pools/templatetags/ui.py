"""Template tags and filters of the design system. Every string they show may come from a hostile host."""

import unicodedata
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Protocol
from zlib import crc32

from django import template
from django.template import Context
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from lucide.templatetags.lucide import lucide

from pools.templatetags.looks import MARKS, NAVIGATION, TONES, Look, NavItem, look_of

register = template.Library()

MINUTE, HOUR, DAY = 60, 3600, 86400
HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
DEFAULT_LENGTH = 120


class TimedStep(Protocol):
    """What the timeline needs to know about a step."""

    title: str
    state: str
    started_at: datetime | None
    finished_at: datetime | None


@register.simple_tag
def icon(name: str, label: str = "", css: str = "") -> str:
    """Draw a Lucide icon; without a label it is decoration and hidden from screen readers."""
    return _drawn(str(name), str(label), str(css))


@lru_cache(maxsize=512)
def _drawn(name: str, label: str, css: str) -> str:
    names = {"class": f"icon {css}".strip(), "focusable": "false"}
    voice = {"role": "img", "aria_label": label} if label else {"aria_hidden": "true"}
    return lucide(name, size=16, **names, **voice)


@register.simple_tag
def badge(state: object, word: str = "", css: str = "") -> SafeString:
    """Show a state, severity or role as a word, an icon and a colour."""
    look = look_of(state)
    drawing = icon(look.icon, css="icon-spin" if look.spins else "")
    return format_html(
        '<span class="badge tone-{}{}">{}<span class="truncate">{}</span></span>',
        look.tone, f" {css}" if css else "", drawing, clean(word or look.word),
    )  # fmt: skip


@register.simple_tag
def mark(state: object, title: str = "") -> SafeString:
    """Show the result of a check in one cell: a shape, a sign and a colour, read aloud as a word."""
    key = str(state) if str(state) in MARKS else "unknown"
    word = title or look_of(key).word
    return format_html('<span class="mark mark-{}" role="img" aria-label="{}">{}</span>', key, clean(word), MARKS[key])


@register.filter
def tone(state: object) -> str:
    """Name the colour of a state: ``class="tone-{{ step.state|tone }}"``."""
    return look_of(state).tone


@register.filter
def look(state: object) -> Look:
    """Give a template the word, icon and tone of a state."""
    return look_of(state)


@register.filter
def clean(text: object, length: int = DEFAULT_LENGTH) -> str:
    """Take out control and direction-changing characters, join lines, and cap the length."""
    flat = "".join(" " if letter in "\n\r\t" else letter for letter in str(text)[: length * 4])
    kept = "".join(letter for letter in flat if unicodedata.category(letter) not in HIDDEN_CATEGORIES)
    return kept if len(kept) <= length and len(str(text)) <= length * 4 else f"{kept[: length - 1]}…"


@register.filter
def error_url(code: object) -> str:
    """Link an error code to its card; what is no code leads to the dictionary."""
    try:
        return reverse("error", args=[str(code)])
    except NoReverseMatch:
        return reverse("errors")


@register.filter
def duration(seconds: float | timedelta | None) -> str:
    """Say a length of time in its two largest units."""
    if seconds is None:
        return "–"
    total = seconds.total_seconds() if isinstance(seconds, timedelta) else float(seconds)
    total = max(total, 0)
    if total < 10:  # noqa: PLR2004
        return f"{total:.1f} s"
    whole = int(total)
    if whole < MINUTE:
        return f"{whole} s"
    if whole < HOUR:
        return f"{whole // MINUTE} min {whole % MINUTE:02} s"
    if whole < DAY:
        return f"{whole // HOUR} h {whole % HOUR // MINUTE:02} min"
    return f"{whole // DAY} d {whole % DAY // HOUR} h"


@register.filter
def elapsed(started: datetime | None, finished: datetime | None = None) -> str:
    """Show the time from start to finish; while unfinished the browser counts on (``data-since``)."""
    if started is None:
        return "–"
    if finished is not None:
        return format_html('<span class="num">{}</span>', duration(finished - started))
    return format_html(
        '<span class="num" data-since="{}">{}</span>', started.isoformat(), duration(timezone.now() - started)
    )


@register.filter
def ago(moment: datetime | None) -> str:
    """Say how long ago something was, with the exact moment in the title; the browser keeps it true."""
    if moment is None:
        return "never"
    exact = timezone.localtime(moment).strftime("%Y-%m-%d %H:%M:%S %Z")
    words = _age((timezone.now() - moment).total_seconds())
    return format_html('<time datetime="{}" title="{}" data-ago>{}</time>', moment.isoformat(), exact, words)


def _age(seconds: float) -> str:
    if seconds < 5:  # noqa: PLR2004
        return "just now"
    for size, unit in ((DAY, "d"), (HOUR, "h"), (MINUTE, "min")):
        if seconds >= size:
            return f"{int(seconds // size)} {unit} ago"
    return f"{int(seconds)} s ago"


@register.filter
def percent(fraction: float | None) -> int:
    """Turn 0..1 into whole per cent; what is running never shows 100 before it is done."""
    return min(max(int((fraction or 0) * 100), 0), 100)


@register.filter
def size(count: float | None) -> str:
    """Say a number of bytes in binary units."""
    if count is None:
        return "–"
    amount = float(count)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if amount < 1024:  # noqa: PLR2004
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1024
    return f"{amount:.1f} TiB"


@register.filter
def short(identifier: object) -> SafeString:
    """Show the first eight characters of a UUID or hash, the whole in the title."""
    whole = clean(identifier)
    return format_html('<span class="mono" title="{}">{}</span>', whole, whole[:8])


@register.filter
def initials(name: object) -> str:
    """Return at most two letters for an avatar."""
    words = clean(name).replace(".", " ").replace("-", " ").split()
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper() or "?"


@register.filter
def avatar_tone(name: object) -> str:
    """Pick a steady colour for a person."""
    return TONES[crc32(str(name).encode()) % len(TONES)]


@register.inclusion_tag("ui/nav.html", takes_context=True)
def navigation(context: Context) -> dict[str, object]:
    """List the places of the product that exist, and mark where we are."""
    path = getattr(context.get("request"), "path", "")
    counts = {"approvals": context.get("approvals_waiting", 0)}
    hidden = context.get("nav_hidden") or ()
    entries = [_entry(item, path, counts) for item in NAVIGATION if item.url_name not in hidden]
    return {"entries": [entry for entry in entries if entry["href"]]}


def _entry(item: NavItem, path: str, counts: dict[str, object]) -> dict[str, object]:
    try:
        href = reverse(item.url_name)
    except NoReverseMatch:
        href = ""
    current = path == href if item.url_name == "home" else path.startswith((href, *item.prefixes))
    return {"item": item, "href": href, "current": current, "count": counts.get(item.url_name)}


@register.inclusion_tag("ui/timeline.html")
def timeline(steps: Iterable[TimedStep]) -> dict[str, object]:
    """Draw where the time went: one bar a step on a common axis, in per cent of the whole."""
    begun = [step for step in steps if step.started_at is not None]
    if not begun:
        return {"bars": []}
    now = timezone.now()
    origin = min(step.started_at for step in begun if step.started_at)
    end = max(step.finished_at or now for step in begun)
    return {"bars": [_bar(step, origin, end, now) for step in begun], "total": end - origin}


def _bar(step: TimedStep, origin: datetime, end: datetime, now: datetime) -> dict[str, object]:
    span = max((end - origin).total_seconds(), 0.001)
    started = step.started_at or now
    took = ((step.finished_at or now) - started).total_seconds()
    left = 100 * (started - origin).total_seconds() / span
    return {"step": step, "x": f"{left:.2f}", "width": f"{max(100 * took / span, 0.4):.2f}", "took": took}


@register.filter
def message_state(level_tag: object) -> str:
    """Translate the level of a Django message to a state of ours."""
    return {"success": "ok", "warning": "warning", "error": "error"}.get(str(level_tag), "info")
