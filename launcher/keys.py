"""Makes the three secrets of an installation once, each in a file that its owner alone may read."""

import base64
import os
import secrets
from pathlib import Path


def ensure_keys(directory: Path) -> None:
    """A lost credential key makes the stored passwords unreadable, so an existing file is never touched."""
    directory.mkdir(mode=0o700, exist_ok=True)
    for name, value in (
        ("secret_key", secrets.token_urlsafe(48)),
        ("credential_keys", base64.urlsafe_b64encode(secrets.token_bytes(32)).decode("ascii")),
        ("audit_key", secrets.token_hex(32)),
    ):
        if not (directory / name).exists():
            write_private(directory / name, value)


def write_private(path: Path, text: str) -> None:
    """Write a 0600 file, whole or not at all."""
    made = path.with_name(f"{path.name}.new")
    with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as handle:
        handle.write(text)
    made.replace(path)
