"""XML-RPC as xapi writes it: one line, no whitespace between elements, strings without a tag."""

import base64
from collections.abc import Callable, Iterable
from typing import Any
from xml.etree import ElementTree as ET

from simulator.schema import DateTime, Int32

HEAD = '<?xml version="1.0"?><methodResponse><params><param>'
TAIL = "</param></params></methodResponse>"
ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})


class MalformedCallError(ValueError):
    """The body is no call; HTTP answers with its error page."""


class _NoDoctype(ET.TreeBuilder):
    def doctype(self, name: str, pubid: str | None, system: str | None) -> None:
        """Entities are an attack or a mistake; no client sends a DOCTYPE."""
        raise MalformedCallError(f"DOCTYPE {name} refused")


def decode_call(body: bytes) -> tuple[str, list[Any]]:
    """Method name and parameters of a methodCall; <params> must be there, even if empty."""
    try:
        root = ET.fromstring(body, ET.XMLParser(target=_NoDoctype()))  # noqa: S314 - a DOCTYPE is refused
        name, params = root.find("methodName"), root.find("params")
        if root.tag != "methodCall" or name is None or params is None:
            raise MalformedCallError("expected methodCall with methodName and params")
        return (name.text or "").strip(), [_parameter(item) for item in params]
    except (ET.ParseError, RecursionError, ValueError, LookupError) as error:
        raise MalformedCallError(str(error)) from error


def _parameter(element: ET.Element) -> Any:
    if element.tag != "param" or len(element) != 1:
        raise MalformedCallError("expected one value in a param")
    return _value(element[0])


def _value(element: ET.Element) -> Any:
    if element.tag != "value" or len(element) > 1:
        raise MalformedCallError(f"expected value, not {element.tag}")
    if not len(element):
        return element.text or ""
    inner = element[0]
    if inner.tag == "array":
        return _array(inner)
    if inner.tag == "struct":
        return {_name(member): _value(member[-1]) for member in inner}
    if inner.tag not in SCALARS:
        raise MalformedCallError(f"unknown type {inner.tag}")
    return SCALARS[inner.tag](inner.text or "")


def _array(element: ET.Element) -> list[Any]:
    data = element.find("data")
    if data is None:
        raise MalformedCallError("expected data in an array")
    return [_value(item) for item in data]


def _name(member: ET.Element) -> str:
    name = member.find("name")
    if name is None or len(member) != 2:  # noqa: PLR2004 - a name and a value
        raise MalformedCallError("expected name and value in a member")
    return name.text or ""


SCALARS: dict[str, Callable[[str], Any]] = {
    "string": str,
    "base64": lambda text: base64.b64decode(text).decode("utf-8", "surrogateescape"),
    "nil": lambda _text: None,
    "int": int,
    "i4": int,
    "i8": int,
    "double": float,
    "boolean": lambda text: text == "1",
    "dateTime.iso8601": DateTime,
}


def escaped(text: str) -> str:
    return text.translate(ESCAPES)


def encode_value(value: object) -> str:
    """One <value>, also the text of a task's result."""
    parts: list[str] = []
    _write(value, parts)
    return "".join(parts)


def _write(value: object, parts: list[str]) -> None:
    kind = type(value)
    if kind is str:
        parts.append(f"<value>{_clean(value)}</value>")  # type: ignore[arg-type]  # kind says so
    elif kind is dict:
        _write_struct(value, parts)  # type: ignore[arg-type]  # kind says so
    elif kind is list:
        _write_array(value, parts)  # type: ignore[arg-type]  # kind says so
    else:
        parts.append(f"<value>{_scalar(value)}</value>")


def _write_array(value: list[object], parts: list[str]) -> None:
    if not value:
        parts.append("<value><array><data></data></array></value>")
        return
    parts.append("<value><array><data>")
    for item in value:
        _write(item, parts)
    parts.append("</data></array></value>")


def _clean(text: str) -> str:
    if "&" in text or "<" in text or ">" in text or "\r" in text:
        return text.translate(ESCAPES)
    return text


def _write_struct(value: dict[str, object], parts: list[str]) -> None:
    parts.append("<value><struct>")
    for name, item in value.items():
        if type(item) is str:
            parts.append(f"<member><name>{_clean(str(name))}</name><value>{_clean(item)}</value></member>")
        else:
            parts.append(f"<member><name>{_clean(str(name))}</name>")
            _write(item, parts)
            parts.append("</member>")
    parts.append("</struct></value>")


def _scalar(value: object) -> str:
    """Integers are bare text but for the counts of an event batch; None is xapi's void."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return f"<boolean>{int(value)}</boolean>"
    if isinstance(value, Int32):
        return f"<i4>{int(value)}</i4>"
    if isinstance(value, float):
        return f"<double>{value:.16g}</double>"
    if isinstance(value, DateTime):
        return f"<dateTime.iso8601>{escaped(value)}</dateTime.iso8601>"
    if isinstance(value, int):
        return str(value)
    raise TypeError(f"no XML-RPC form of {type(value).__name__}")


def encode_success(value: object) -> bytes:
    return _response({"Status": "Success", "Value": value})


def encode_failure(description: Iterable[str]) -> bytes:
    return _response({"Status": "Failure", "ErrorDescription": list(description)})


def encode_bare(value: object) -> bytes:
    """system.listMethods alone answers without a Status."""
    return _response(value)


def _response(value: object) -> bytes:
    return f"{HEAD}{encode_value(value)}{TAIL}".encode()
