"""A snapshot as a file: JSON that can be read again, and a script for the server's own shell."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from pools.forecast.stored import restored, to_json
from pools.snapshots.console import typable
from pools.snapshots.data import VERSION, NetworkData
from pools.snapshots.items import not_made
from pools.snapshots.rebuilding import sections_of

FORMAT: Final = "xenweb-network-snapshot"


class NotASnapshot(ValueError):
    """The text is none of our exports, or of a version that is not known here."""


def as_json(data: NetworkData, taken_at: datetime) -> str:
    """Write it, with its format and version."""
    head = {"format": FORMAT, "version": VERSION, "taken_at": taken_at.isoformat(), "complete": data.complete}
    return json.dumps(head | {"data": to_json(data)}, indent=2) + "\n"


def from_json(text: str) -> NetworkData:
    """Read an export; raises NotASnapshot."""
    try:
        found = json.loads(text)
        if found["format"] != FORMAT or found["version"] != VERSION:
            raise NotASnapshot("The file is no network snapshot of a version that is known here.")
        return restored(NetworkData, found["data"])
    except (KeyError, TypeError, ValueError) as error:
        raise NotASnapshot("The file is no network snapshot.") from error


def as_script(data: NetworkData, taken_at: datetime) -> str:
    """Write the commands that make the network again, for the server on which they run."""
    return "\n".join(_script(data, taken_at)) + "\n"


def _script(data: NetworkData, taken_at: datetime) -> Iterator[str]:
    yield "#!/bin/bash"
    yield f"# Network of {typable(data.place.host_name)} as of {taken_at:%Y-%m-%d %H:%M} UTC, saved by xenweb."
    yield "# Run it on the server itself, when it is a pool of its own, with nothing of this made yet."
    yield "# Do not run it on a server that is to join a pool: pools give their members bonds and VLANs themselves."
    for said in data.missing:
        yield f"# NOT COMPLETE: {typable(said)}"
    for each in not_made(data):
        yield f"# NOT MADE AGAIN: {typable(data.named(each))} (SR-IOV)"
    yield "set -e"
    for section in sections_of(data):
        yield ""
        yield f"# {typable(section.title)}"
        yield from section.lines
