"""The face of a cell in the network matrix. A pool of 64 servers has thousands: one node of a template each."""

from collections.abc import Sequence
from typing import Final

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from pools.services.network_matrix import Cell, Mark
from pools.templatetags.ui import clean, icon

register = template.Library()

MOST_FLAGS: Final = 4
NOTHING: Final = format_html('<span class="none" aria-hidden="true">{}</span>', "–")


@register.simple_tag
def cell_face(cell: Cell) -> SafeString:
    """Show what a server has there and what is wrong with it; the link around it says the same in words."""
    return format_html("{}{}", flags(cell.marks), has(cell) if cell.text else NOTHING)


def flags(marks: Sequence[Mark]) -> SafeString:
    """A letter in a shape for each problem; many are counted."""
    if not marks:
        return format_html("{}", "")
    shown = format_html_join(
        "",
        '<span class="flag flag-{}" title="{}">{}</span>',
        ((mark.state, mark.entry.title, mark.entry.letter) for mark in marks[:MOST_FLAGS]),
    )
    more = len(marks) - MOST_FLAGS
    rest = format_html('<span class="flag-more">+{}</span>', more) if more > 0 else ""
    return format_html('<span class="flags" aria-hidden="true">{}{}</span>', shown, rest)


def has(cell: Cell) -> SafeString:
    """The interface, its links, what it is used for, and below it the rest."""
    dark = " dark" if cell.dark else ""
    links = format_html('<span class="links{}">{}</span>', dark, cell.links) if cell.links else ""
    use = icon("terminal", css="use") if cell.management else icon("database", css="use") if cell.storage else ""
    notes = clean(" · ".join(cell.notes), 60)
    below = format_html('<span class="cell-sub" aria-hidden="true"><bdi>{}</bdi></span>', notes) if notes else ""
    face = '<span class="has" aria-hidden="true"><bdi>{}</bdi>{}{}</span>{}'
    return format_html(face, clean(cell.text, 40), links, use, below)
