"""Certificates that outlive a process when the simulator is given a folder to keep them in."""

import ipaddress
from pathlib import Path

from cryptography import x509

from simulator.wire.certificates import HostCertificate, make_certificate


def certificate_for(folder: Path, name: str, address: str, *, fresh: bool = False) -> HostCertificate:
    """The newest one kept for this address, or a new one."""
    kept = [] if fresh else _kept(folder, address)
    return kept[-1] if kept else make_certificate(folder, name, address)


def _kept(folder: Path, address: str) -> list[HostCertificate]:
    found = (HostCertificate(path, path.with_suffix(".key")) for path in folder.glob("*.pem"))
    mine = [each for each in found if each.key.is_file() and _is_for(each, address)]
    return sorted(mine, key=lambda each: each.certificate.stat().st_mtime_ns)


def _is_for(kept: HostCertificate, address: str) -> bool:
    names = kept.parsed.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return ipaddress.ip_address(address) in names.get_values_for_type(x509.IPAddress)
