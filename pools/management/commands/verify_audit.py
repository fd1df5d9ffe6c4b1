"""Check that nobody changed the audit."""

from typing import NoReturn

from django.core.management.base import BaseCommand, CommandError, CommandParser

from pools.models import AuditHead
from pools.services.audit_chain import verify

PREVIOUS_HEAD = "a head noted earlier elsewhere, NUMBER:DIGEST, as this command and the log print it"


class Command(BaseCommand):
    """Exit with an error when the audit was edited, shortened, reordered or added to."""

    help = "Verify the chained audit; prints its head, to be noted somewhere else."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--head", type=anchor, help=PREVIOUS_HEAD)

    def handle(self, *args: object, head: tuple[int, str] | None = None, **options: object) -> None:
        broken = 0
        for broken, place in enumerate(verify(head), start=1):  # noqa: B007
            self.stderr.write(f"entry {place.entry}: {place.text}")
        if broken:
            fail(broken)
        end = AuditHead.objects.first()
        self.stdout.write(f"The audit is whole: {end.count if end else 0} entries. Head: {end or 'none yet'}")


def anchor(text: str) -> tuple[int, str]:
    """Parse ``NUMBER:DIGEST``."""
    number, _, digest = text.partition(":")
    return int(number), digest


def fail(places: int) -> NoReturn:
    raise CommandError(f"The audit is not what was written: {places} place{'s' if places > 1 else ''}.")
