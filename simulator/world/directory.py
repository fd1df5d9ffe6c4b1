"""The directory outside of every server (Active Directory): who there is, and with which password."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from simulator.scenes.model import HostSpec

SERVICE = "corp.example"


@dataclass(frozen=True)
class Person:
    name: str
    password: str = field(repr=False)

    @property
    def identifier(self) -> str:
        """A SID that follows from the name."""
        digest = hashlib.sha256(self.name.lower().encode()).digest()
        parts = [int.from_bytes(digest[place : place + 4], "big") for place in (0, 4, 8)]
        return f"S-1-5-21-{parts[0]}-{parts[1]}-{parts[2]}-{1000 + digest[12]}"


class Directory:
    """Everybody whom any server of the scene lets in stands in it; names are compared without case."""

    def __init__(self, hosts: Iterable[HostSpec]) -> None:
        people = (Person(subject.name, subject.password) for host in hosts for subject in host.subjects)
        self._by_name = {person.name.lower(): person for person in people}

    def named(self, name: str) -> Person | None:
        return self._by_name.get(name.lower().removesuffix(f"@{SERVICE}"))

    def with_identifier(self, identifier: str) -> Person | None:
        return next((person for person in self._by_name.values() if person.identifier == identifier), None)
