"""Bodies to values, for both of XAPI's encodings: strict UTF-8, bounded depth, no DOCTYPE, no resend.

A body that is not XAPI's raises ValueError; what XAPI reports as failed raises ErrorDescription.
"""

import json
import math
import re
import xmlrpc.client
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from xml.parsers import expat

from pools.xapi.errors import MASK, OddReplyError

XML_LEVELS = 4  # value, struct, member, value: one level of data
UNSTORABLE = re.compile(r"\\u0000|\\u[dD][89a-fA-F]")
UNSTORABLE_CHARACTER = re.compile("[\x00\ud800-\udfff]")


class ErrorDescription(Exception):
    """XAPI's code and params, raw: they may echo secrets until ``errors.failure`` has masked them."""

    def __init__(self, items: Sequence[object]) -> None:
        super().__init__(MASK)
        self.items = items


@dataclass(frozen=True)
class Codec:
    """One of XAPI's two encodings."""

    path: str
    content_type: str
    encode: Callable[[str, Sequence[object]], bytes]
    decode: Callable[[bytes, int], object]


def encode_json(method: str, params: Sequence[object]) -> bytes:
    return json.dumps({"jsonrpc": "2.0", "method": method, "params": list(params), "id": 1}).encode()


def decode_json(body: bytes, depth: int) -> object:
    """JSON-RPC 2.0; errors raised before XAPI's dispatcher come as a bare array (protocol.md §1.5)."""
    text = body.decode("utf-8")
    try:
        reply = json.loads(text, parse_constant=_no_number, parse_float=_finite)
    except RecursionError as error:
        raise OddReplyError("too deep") from error
    check_depth(reply, depth)
    if UNSTORABLE.search(text):
        reply = cleaned(reply)
    if not isinstance(reply, dict):
        raise OddReplyError("not a JSON-RPC reply")
    problem = reply.get("error")
    if isinstance(problem, list) and problem:
        raise ErrorDescription(problem)
    if isinstance(problem, dict):
        data = problem.get("data")
        raise ErrorDescription([problem.get("message", ""), *(data if isinstance(data, list) else [])])
    if "result" not in reply:
        raise OddReplyError("neither result nor error")
    return reply["result"]


def _no_number(text: str) -> object:
    raise OddReplyError(text)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise OddReplyError(text)
    return number


def check_depth(value: object, depth: int) -> None:
    """Refuse what nests deeper than ``depth``, level by level and without recursion."""
    level = [value]
    for _ in range(depth + 1):
        level = [inner for outer in level for inner in _inside(outer) if isinstance(inner, dict | list)]
        if not level:
            return
    raise OddReplyError("too deep")


def _inside(value: object) -> Sequence[object]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else ()


def cleaned(value: object) -> object:
    """Replace what no database stores: NUL and lone surrogates; XML-RPC's dates become their text."""
    if isinstance(value, str):
        return UNSTORABLE_CHARACTER.sub("\ufffd", value)
    if isinstance(value, list):
        return [cleaned(item) for item in value]
    if isinstance(value, Mapping):
        return {str(cleaned(key)): cleaned(item) for key, item in value.items()}
    if isinstance(value, xmlrpc.client.DateTime):
        return value.value
    if value is None or isinstance(value, bool | int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    raise OddReplyError("no value of XAPI's")


def encode_xml(method: str, params: Sequence[object]) -> bytes:
    plain = tuple(str.__str__(param) if isinstance(param, str) else param for param in params)
    return xmlrpc.client.dumps(plain, method, allow_none=True).encode()  # type: ignore[arg-type]


def decode_xml(body: bytes, depth: int) -> object:
    """XML-RPC with XAPI's Status struct inside."""
    reply = cleaned(parse_xml(body, depth))
    if not isinstance(reply, dict) or "Status" not in reply:
        raise OddReplyError("no Status in the reply")
    if reply["Status"] == "Success" and "Value" in reply:
        return reply["Value"]
    description = reply.get("ErrorDescription")
    if isinstance(description, list) and description:
        raise ErrorDescription(description)
    raise OddReplyError("neither Value nor ErrorDescription")


def parse_xml(body: bytes, depth: int) -> object:
    """Parse a methodResponse as UTF-8 whatever it declares; a DOCTYPE, a fault and endless depth are refused."""
    body.decode("utf-8")
    unmarshaller = xmlrpc.client.Unmarshaller()
    unmarshaller.xml(None, None)  # type: ignore[arg-type]
    parser = expat.ParserCreate("UTF-8")
    level = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal level
        level += 1
        if level > depth * XML_LEVELS:
            raise OddReplyError("too deep")
        unmarshaller.start(tag, attributes)

    def end(tag: str) -> None:
        nonlocal level
        level -= 1
        unmarshaller.end(tag)

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = unmarshaller.data
    parser.StartDoctypeDeclHandler = _refuse_doctype
    try:
        parser.Parse(body, True)
        values = unmarshaller.close()
    except (expat.ExpatError, xmlrpc.client.Error, TypeError, KeyError, IndexError, ArithmeticError) as error:
        raise OddReplyError("not XML-RPC") from error
    if len(values) != 1:
        raise OddReplyError("not one value")
    return values[0]


def _refuse_doctype(*_: object) -> None:
    raise OddReplyError("DOCTYPE")


JSON = Codec("/jsonrpc", "application/json", encode_json, decode_json)
XML = Codec("/RPC2", "text/xml", encode_xml, decode_xml)
