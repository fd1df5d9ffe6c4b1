"""The audit: who did what, when; to read, to filter, to take along."""

import csv
from collections.abc import Iterable, Iterator

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from pools.access import for_everyone_signed_in
from pools.forms.audit import AuditFilter, in_words
from pools.models import AuditEntry, Pool
from pools.models.audit import AuditQuerySet
from pools.services.audit import as_json

PAGE = 50
MOST_ROWS = 100_000
COLUMNS = ["number", "time", "person", "action", "subject", "pool", "operation", "details", "address", "digest"]
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@for_everyone_signed_in
@require_safe
def audit(request: HttpRequest) -> HttpResponse:
    """Show a page of entries, newest first."""
    form, entries = filtered(request)
    page = Paginator(entries, PAGE).get_page(request.GET.get("page"))
    rows = [{"entry": entry, "words": in_words(entry.action), "details": as_json(entry.data)} for entry in page]
    context = {"form": form, "page": page, "rows": rows, "query": request.GET.urlencode()}
    return render(request, "pools/audit.html", context)


@for_everyone_signed_in
@require_safe
def audit_export(request: HttpRequest) -> StreamingHttpResponse:
    """Stream the filtered entries as CSV (RFC 4180)."""
    _, entries = filtered(request)
    response = StreamingHttpResponse(csv_lines(entries[:MOST_ROWS].iterator()), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="xenweb-audit.csv"'
    return response


def filtered(request: HttpRequest) -> tuple[AuditFilter, AuditQuerySet]:
    """Return the filter as asked for, and the entries this person sees that pass it."""
    seen = AuditEntry.objects.visible_to(request.user)
    form = AuditFilter(request.GET)
    form.offer(seen, Pool.objects.visible_to(request.user))
    return form, form.narrow(seen)


class Echo:
    """A file that gives back each line instead of keeping it."""

    def write(self, line: str) -> str:
        return line


def csv_lines(entries: Iterable[AuditEntry]) -> Iterator[str]:
    """Write one line an entry; no cell can start a formula in a spreadsheet."""
    writer = csv.writer(Echo(), quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    yield writer.writerow(COLUMNS)
    for entry in entries:
        yield writer.writerow([harmless(cell) for cell in cells(entry)])


def cells(entry: AuditEntry) -> list[object]:
    """List an entry's cells in the order of ``COLUMNS``."""
    return [
        entry.pk, entry.at.isoformat(), entry.actor_name, entry.action, entry.subject, entry.pool_name,
        entry.operation_id or "", as_json(entry.data), entry.address or "", entry.digest,
    ]  # fmt: skip


def harmless(cell: object) -> str:
    """Put an apostrophe before what a spreadsheet would calculate (security.md §7)."""
    text = str(cell)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
