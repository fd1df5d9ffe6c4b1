"""Certificates that outlive a process when the simulator is given a folder to keep them in."""

import threading
from functools import lru_cache
from pathlib import Path

from cryptography import x509

from simulator.wire.certificates import HostCertificate, make_certificate

FOLDERS_KNOWN = 8


def certificate_for(folder: Path, name: str, address: str, *, fresh: bool = False) -> HostCertificate:
    """The newest one kept for this address, or a new one."""
    kept = _kept_in(folder)
    with kept.lock:
        found = None if fresh else kept.newest(address)
        return found or kept.add(name, address)


class KeptCertificates:
    """What is in a folder, by address; read again only when someone else has written there."""

    def __init__(self, folder: Path) -> None:
        self.lock = threading.Lock()
        self._folder = folder
        self._read_at = -1
        self._newest: dict[str, HostCertificate] = {}

    def newest(self, address: str) -> HostCertificate | None:
        if self._read_at != self._changed_at():
            self._read()
        return self._newest.get(address)

    def add(self, name: str, address: str) -> HostCertificate:
        untouched = self._read_at == self._changed_at()
        made = self._newest[address] = make_certificate(self._folder, name, address)
        if untouched:
            self._read_at = self._changed_at()
        return made

    def _changed_at(self) -> int:
        return self._folder.stat().st_mtime_ns

    def _read(self) -> None:
        self._read_at = self._changed_at()
        found = (HostCertificate(path, path.with_suffix(".key")) for path in self._folder.glob("*.pem"))
        usable = [each for each in found if each.key.is_file()]
        usable.sort(key=lambda each: each.certificate.stat().st_mtime_ns)
        self._newest = {address: each for each in usable for address in _addresses(each)}


@lru_cache(maxsize=FOLDERS_KNOWN)
def _kept_in(folder: Path) -> KeptCertificates:
    return KeptCertificates(folder)


def _addresses(kept: HostCertificate) -> list[str]:
    names = kept.parsed.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return [str(address) for address in names.get_values_for_type(x509.IPAddress)]
