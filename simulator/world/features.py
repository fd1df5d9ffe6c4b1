"""CPU feature strings: 32-bit words in hexadecimal, joined by '-' (cpuid.ml)."""

from itertools import zip_longest

Words = tuple[int, ...]


def parse(text: str) -> Words:
    return tuple(int(word, 16) for word in text.split("-")) if text else ()


def render(words: Words) -> str:
    return "-".join(f"{word:08x}" for word in words)


def intersect(left: str, right: str) -> str:
    """Bit-wise AND with zero-extension; the empty string is the identity (cpuid.ml: intersect)."""
    if not left or not right:
        return left or right
    return render(tuple(a & b for a, b in zip_longest(parse(left), parse(right), fillvalue=0)))


def level(values: list[str]) -> str:
    """What a pool of hosts with these feature sets may show to its VMs."""
    result = ""
    for value in values:
        result = intersect(result, value)
    return result
