"""Make the practice lab's sample people."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from pools.services.first_people import make_samples


class Command(BaseCommand):
    """An owner, an administrator, a junior and a viewer, with passwords made up on this machine."""

    help = "Make the practice lab's sample people, once; their logins go to lab-logins.txt in the state directory."

    def handle(self, *args: object, **options: object) -> None:
        if settings.LAB is None:
            raise CommandError("This is not a practice lab (see XENWEB_LAB); sample people would be a way in.")
        logins = settings.VAR_DIR / "lab-logins.txt"
        made = make_samples(logins)
        self.stdout.write(f"Sample people {'made' if made else 'were made before'}; their logins are in {logins}")
