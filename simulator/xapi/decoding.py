"""Arguments against their types: wrong ones end as INTERNAL_ERROR, before the session is looked at."""

import datetime as dt
import math
import re
from collections.abc import Callable

from simulator.schema import DateTime, MessageSpec, Type, schema
from simulator.xapi.errors import EarlyError, XapiError, failure

CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
INTEGER = re.compile(r"^\s*[+-]?\d{1,19}\s*$")
LEAST_INT, MOST_INT = -(2**63), 2**63 - 1
MOMENT = re.compile(
    r"^(\d{4})-?(\d\d)-?(\d\d)T(\d\d):?(\d\d):?(\d\d)(?:\.\d+)?(Z|[+-]\d\d(?::?\d\d)?)?$",
)


def check_text(parameter: object) -> None:
    """INVALID_VALUE for what is not UTF-8 that XML can carry; it shows the whole parameter (gen_server.ml)."""
    if not _is_text(parameter):
        raise EarlyError("INVALID_VALUE", "Invalid UTF-8 string in parameter", CONTROL.sub("?", shown(parameter))[:200])


def _is_text(value: object) -> bool:
    if isinstance(value, str):
        return not CONTROL.search(value)
    if isinstance(value, dict):
        return all(_is_text(key) and _is_text(item) for key, item in value.items())
    return not isinstance(value, list) or all(_is_text(item) for item in value)


def shown(value: object) -> str:
    """A value as the decoder names it in its complaint: I(5), S(x), N."""
    if value is None:
        return "N"
    for kind, letter in ((bool, "B"), (int, "I"), (float, "F"), (str, "S")):
        if isinstance(value, kind):
            return f"{letter}({str(value).lower() if kind is bool else value})"
    if isinstance(value, dict):
        return f"Dict({';'.join(f'{key}:{shown(item)}' for key, item in value.items())})"
    if isinstance(value, list):
        return f"Enum({';'.join(shown(item) for item in value)})"
    return "?"


def expected(kind: str, value: object) -> XapiError:
    return failure(f"Expected {kind}, got '{shown(value)[:200]}'")


def decode(value: object, kind: Type) -> object:
    """The Python value of one argument."""
    decoder = DECODERS.get(kind.kind)
    return decoder(value, kind) if decoder else value


def _string(value: object, _kind: Type) -> str:
    if not isinstance(value, str):
        raise expected("string", value)
    return str(value)


def _int(value: object, _kind: Type) -> int:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise expected("int", value)
    if isinstance(value, str) and not INTEGER.match(value):
        raise failure("int_of_string")
    number = int(value)
    if not LEAST_INT <= number <= MOST_INT:
        raise failure("int_of_string")
    return number


def _float(value: object, _kind: Type) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise expected("float", value)
    try:
        number = float(value)
    except (ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        raise failure("float_of_string")
    return number


def _bool(value: object, _kind: Type) -> bool:
    if not isinstance(value, bool):
        raise expected("bool", value)
    return value


def _datetime(value: object, _kind: Type) -> DateTime:
    """Accepted with dashes, offsets or without zone; stored as whole seconds in UTC."""
    match = MOMENT.match(value) if isinstance(value, str) else None
    if match is None:
        raise expected("datetime", value)
    zone = (match[7] or "Z").replace("Z", "+0000").replace(":", "").ljust(5, "0")
    text = "".join(match.group(1, 2, 3, 4, 5, 6)) + zone
    try:
        moment = dt.datetime.strptime(text, "%Y%m%d%H%M%S%z").astimezone(dt.UTC)
    except (ValueError, OverflowError):
        raise expected("datetime", value) from None
    return wire_time(moment)


def wire_time(moment: dt.datetime | float) -> DateTime:
    """Model text of a moment: whole seconds, no dashes."""
    if not isinstance(moment, dt.datetime):
        moment = dt.datetime.fromtimestamp(moment, dt.UTC)
    return DateTime(moment.strftime("%Y%m%dT%H:%M:%SZ"))


def _enum(value: object, kind: Type) -> str:
    """Matched without regard to case, but for bond_mode; given back in the model's spelling."""
    if not isinstance(value, str):
        raise expected("string", value)
    members = schema().enums.get(kind.name, ())
    if value in members:
        return value
    if kind.name == "bond_mode":
        raise failure("Unmarshalling error in bond-mode")
    for member in members:
        if member.lower() == value.lower():
            return member
    raise failure("Unknown tag/contents")


def _set(value: object, kind: Type) -> list[object]:
    if not isinstance(value, list) or kind.item is None:
        raise expected("array", value)
    return [decode(item, kind.item) for item in value]


def _map(value: object, kind: Type) -> dict[object, object]:
    if not isinstance(value, dict) or kind.item is None or kind.key is None:
        raise expected("dictionary", value)
    return {decode(key, kind.key): decode(item, kind.item) for key, item in value.items()}


def _record(value: object, kind: Type) -> dict[str, object]:
    """The fields that the model knows; whatever else was sent is dropped."""
    if not isinstance(value, dict):
        raise expected("dictionary", value)
    spec = schema().classes.get(kind.name)
    if spec is None:
        return value
    return {
        name: decode(value[name], item.type)
        for name, item in spec.fields.items()
        if name in value and item.type.kind != "record"
    }


DECODERS: dict[str, Callable[[object, Type], object]] = {
    "string": _string,
    "ref": _string,
    "int": _int,
    "float": _float,
    "bool": _bool,
    "datetime": _datetime,
    "enum": _enum,
    "set": _set,
    "map": _map,
    "record": _record,
}


def assert_count(name: str, spec: MessageSpec, given: int) -> None:
    """Surplus is ignored only where parameters are optional; who gives not even a session has given -1."""
    required = sum(item.required for item in spec.parameters)
    optional = required < len(spec.parameters)
    if given < required or (given > required and not optional):
        raise XapiError("MESSAGE_PARAMETER_COUNT_MISMATCH", name, str(required), str(given))


def decode_arguments(name: str, spec: MessageSpec, given: list[object]) -> list[object]:
    """Count first, then types."""
    assert_count(name, spec, len(given))
    decoded = [decode(value, item.type) for value, item in zip(given, spec.parameters, strict=False)]
    return decoded + [item.default for item in spec.parameters[len(decoded) :]]
