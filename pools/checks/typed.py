"""Names as people type them: what cannot be seen is not asked for."""

import unicodedata
from typing import Final

LONGEST: Final = 200


def typable(name: str, uuid: str) -> str:
    """A name as it can be typed; of a name of nothing that can be seen, the uuid."""
    return plain(name) or uuid


def plain(text: str) -> str:
    """What can be seen of a text, on one line, and the same letters whichever keyboard wrote them."""
    seen = "".join(letter for letter in text if not unicodedata.category(letter).startswith("C") or letter.isspace())
    return unicodedata.normalize("NFC", " ".join(seen.split()))[:LONGEST].strip()
