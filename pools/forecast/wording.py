"""How forecasts and findings name many things."""

from collections.abc import Sequence


def listed(names: Sequence[str], most: int = 4) -> str:
    """Name a few and count the rest: ``web-1, web-2 and 7 more``."""
    shown = [name or "(no name)" for name in names[:most]]
    rest = len(names) - len(shown)
    return ", ".join(shown) + (f" and {rest} more" if rest else "")
