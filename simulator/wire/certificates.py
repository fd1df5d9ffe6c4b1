"""A certificate per host, self-signed as the installer makes it: CN and SAN are its address."""

import datetime as dt
import ipaddress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

LIFETIME = dt.timedelta(days=3650)


@dataclass(frozen=True)
class HostCertificate:
    """PEM files of one host; equal to no other, so that a pin means one host."""

    certificate: Path
    key: Path

    @cached_property
    def pem(self) -> str:
        return self.certificate.read_text(encoding="ascii")

    @cached_property
    def parsed(self) -> x509.Certificate:
        return x509.load_pem_x509_certificate(self.pem.encode())

    def fingerprint(self, algorithm: hashes.HashAlgorithm | None = None) -> str:
        """As a Certificate row shows it: upper-case hex with colons, SHA-256 unless told."""
        return self.parsed.fingerprint(algorithm or hashes.SHA256()).hex(":").upper()

    def thumbprint(self, name: str) -> str:
        """By the name that a request header gives the algorithm: sha-256 or sha-1."""
        return self.fingerprint(hashes.SHA1() if name == "sha-1" else None)  # noqa: S303 - asked for by name


def make_certificate(directory: Path, name: str, address: str) -> HostCertificate:
    """A new P-256 key and certificate in `directory` (real hosts have RSA 2048, 100 times slower to make)."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, address)])
    start = dt.datetime.now(dt.UTC).replace(microsecond=0) - dt.timedelta(days=1)
    alternatives = [x509.DNSName(_dns(name)), x509.IPAddress(ipaddress.ip_address(address))]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + LIFETIME)
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .sign(key, hashes.SHA256())
    )
    return _written(directory, name, certificate, key)


def _dns(name: str) -> str:
    plain = "".join(char if char.isascii() and char.isalnum() else "-" for char in name.lower())
    return f"{plain.strip('-')[:60] or 'host'}.lab"


def _written(
    directory: Path, name: str, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey
) -> HostCertificate:
    stem = f"{_dns(name)}-{certificate.serial_number:x}"
    paths = HostCertificate(directory / f"{stem}.pem", directory / f"{stem}.key")
    paths.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    paths.key.touch(mode=0o600)
    paths.key.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return paths
