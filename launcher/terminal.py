"""What the person at the terminal reads: short lines, flushed at once."""

import sys


def say(line: str, *, part: str = "") -> None:
    """Write one line, prefixed by the part that it is about."""
    sys.stdout.write(f"[{part}] {line}\n" if part else f"{line}\n")
    sys.stdout.flush()


class CannotStartError(Exception):
    """Something that the person must change first; the text says what and how."""
