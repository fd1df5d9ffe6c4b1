"""Make the first owner of a new installation."""

import getpass
import sys

from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from pools.services.errors import ServiceError
from pools.services.first_people import make_owner


class Command(BaseCommand):
    """There is no default account: whoever has a shell on the machine makes the first one."""

    help = "Make a person who owns the estate. The password is asked for, or read from standard input."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--username", default="")
        parser.add_argument("--full-name", default="")

    def handle(self, *args: object, username: str, full_name: str, **options: object) -> None:
        username = username or ask_username()
        try:
            UnicodeUsernameValidator()(username)
            make_owner(username=username, full_name=full_name, password=ask_password())
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        except ServiceError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{username} owns the estate and can sign in.")


def ask_username() -> str:
    """Ask a person; a script has to say it."""
    if not sys.stdin.isatty():
        raise CommandError("Say --username.")
    return input("User name: ").strip()


def ask_password() -> str:
    """Ask twice at a terminal; read one line otherwise."""
    if not sys.stdin.isatty():
        password = sys.stdin.readline().rstrip("\n")
    else:
        password = getpass.getpass("Password (at least 15 characters): ")
        if getpass.getpass("Once more: ") != password:
            raise CommandError("These were two different passwords.")
    if not password:
        raise CommandError("An owner needs a password.")
    return password
