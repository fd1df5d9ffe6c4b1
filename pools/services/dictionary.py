"""The error dictionary: every code once, under its subject, with its own past."""

import re
from dataclasses import dataclass
from functools import cache

from django.db.models import Exists, OuterRef, QuerySet

from pools.models import Operation, Person, Step
from pools.xapi.messages import SUBJECTS, Message, find, names_of
from pools.xapi.messages.filling import blank

RECENT = 10
CODE = re.compile(r"[A-Z0-9_]{1,100}")


@dataclass(frozen=True, kw_only=True)
class Card:
    """One meaning of a code, without values: what a real error would fill in is left open."""

    code: str
    said: str
    title: str
    text: str
    remedy: str
    press: str
    where: str
    command: str
    note: str


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One code with all it can mean; ``first`` is the general meaning."""

    code: str
    subject: str
    names: tuple[str, ...]
    cards: tuple[Card, ...]

    @property
    def first(self) -> Card:
        return self.cards[0]

    @property
    def others(self) -> tuple[Card, ...]:
        return self.cards[1:]

    @property
    def words(self) -> str:
        """What a search looks at."""
        texts = [f"{card.said} {card.title} {card.text} {card.remedy}" for card in self.cards]
        return " ".join([self.code, self.subject, *texts]).casefold()


@cache
def entries() -> tuple[Entry, ...]:
    """Every code, by subject and name."""
    return tuple(
        entry(code, subject, messages)
        for subject, messages in sorted(SUBJECTS.items())
        for code in sorted({key.partition(" ")[0] for key in messages})
    )


def entry(code: str, subject: str, messages: dict[str, Message]) -> Entry:
    """Gather what one code can mean, the general meaning first."""
    keys = sorted(key for key in messages if key.partition(" ")[0] == code)
    return Entry(
        code=code, subject=subject, names=names_of(code), cards=tuple(card(key, messages[key]) for key in keys)
    )


def card(key: str, message: Message) -> Card:
    """Open the places of a message."""
    code, _, said = key.partition(" ")
    names = names_of(code)
    return Card(
        code=code,
        said=said,
        title=blank(message.title, names),
        text=blank(message.text, names),
        remedy=blank(message.remedy, names),
        press=blank(message.press, names),
        where=blank(message.where, names),
        command=blank(message.command, names),
        note=message.note,
    )


def search(words: str, subject: str) -> dict[str, list[Entry]]:
    """Return what has all these words, in groups; without any, everything."""
    wanted = words.casefold().split()
    groups: dict[str, list[Entry]] = {}
    for found in entries():
        if subject in {"", found.subject} and all(word in found.words for word in wanted):
            groups.setdefault(found.subject, []).append(found)
    return groups


def look_up(code: str) -> Entry | None:
    """Find a code however it is written; a numbered one of the storage drivers has the card of all of them."""
    message = find(code) or find(code.upper())
    return next((entry for entry in entries() if message is not None and find(entry.code) is message), None)


def trace(code: str) -> str:
    """Where a server's own log says more about a code that no card explains."""
    return f"grep -n -C 20 {code} /var/log/xensource.log" if CODE.fullmatch(code) else ""


def occurrences(code: str, user: Person) -> QuerySet[Operation]:
    """The latest operations that this person sees and in which a step met the code."""
    met = Step.objects.filter(operation=OuterRef("pk"), error_code=code)
    seen = Operation.objects.visible_to(user).without_large_columns()
    return seen.filter(Exists(met))[:RECENT]
