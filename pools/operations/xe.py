"""The equivalent ``xe`` commands, for reading and for a console; secrets stay masked."""

import shlex
from collections.abc import Mapping
from typing import Final

SECRET: Final = "•••"  # noqa: S105 - what is shown instead of one


def xe(address: str, username: str, command: str, values: Mapping[str, str]) -> str:
    """Write one command with its parameters, quoted for a POSIX shell."""
    params = [f"{key}={shlex.quote(value)}" for key, value in values.items()]
    return " ".join(["xe", "-s", shlex.quote(address), "-u", shlex.quote(username), "-pw", SECRET, command, *params])
