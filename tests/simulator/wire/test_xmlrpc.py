import pytest

from simulator.schema import DateTime, Int32
from simulator.wire.xmlrpc import MalformedCallError, decode_call, encode_failure, encode_success, encode_value

HEAD = '<?xml version="1.0"?><methodResponse><params><param><value><struct>'


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("x", "<value>x</value>"),
        ("", "<value></value>"),
        (None, "<value></value>"),
        ("a<b>&\r", "<value>a&lt;b&gt;&amp;&#13;</value>"),
        (1234, "<value>1234</value>"),
        (Int32(2), "<value><i4>2</i4></value>"),
        (1.0, "<value><double>1</double></value>"),
        (0.1, "<value><double>0.1</double></value>"),
        (True, "<value><boolean>1</boolean></value>"),
        (
            DateTime("20250102T03:04:05Z"),
            "<value><dateTime.iso8601>20250102T03:04:05Z</dateTime.iso8601></value>",
        ),
        (["a"], "<value><array><data><value>a</value></data></array></value>"),
        (
            {"k": ""},
            "<value><struct><member><name>k</name><value></value></member></struct></value>",
        ),
    ],
)
def test_each_value_has_its_compact_form(value: object, text: str) -> None:
    assert encode_value(value) == text


def test_an_answer_is_one_line_without_whitespace_between_elements() -> None:
    body = encode_success("OpaqueRef:1").decode()
    expected = "<member><name>Status</name><value>Success</value></member>"
    assert body.startswith(HEAD + expected)
    assert "> <" not in body
    assert "\n" not in body


def test_a_failure_carries_code_and_parameters_as_strings() -> None:
    body = encode_failure(["HOST_IS_SLAVE", "127.0.0.2"]).decode()
    assert "<name>ErrorDescription</name><value><array><data><value>HOST_IS_SLAVE</value>" in body


def test_typed_and_bare_scalars_are_understood() -> None:
    values = (
        "<value>bare</value>",
        "<value><string>typed</string></value>",
        "<value> <i8>5</i8> </value>",
        "<value><boolean>1</boolean></value>",
        "<value><boolean>true</boolean></value>",
        "<value><double>1.5</double></value>",
        "<value><nil/></value>",
        "<value><struct><member><name>a</name><value>b</value></member></struct></value>",
        "<value/>",
    )
    params = "".join(f"\n <param>{value}</param>" for value in values)
    body = f"<methodCall> <methodName>m</methodName> <params>{params}</params></methodCall>"
    assert decode_call(body.encode()) == (
        "m",
        ["bare", "typed", 5, True, False, 1.5, None, {"a": "b"}, ""],
    )


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no xml",
        b"<methodCall><methodName>m</methodName></methodCall>",
        b"<methodCall><params></params></methodCall>",
        b"<methodCall><methodName>m</methodName><params><param/></params></methodCall>",
        b"<methodCall><methodName>m</methodName><params><param><value><what/></value></param></params></methodCall>",
        b"<methodCall><methodName>m</methodName><params><param><value><int>x</int></value></param></params></methodCall>",
        b'<!DOCTYPE x [<!ENTITY a "b">]><methodCall><methodName>m</methodName><params/></methodCall>',
        b"<methodCall><methodName>m</methodName><params><param>"
        + b"<value><array><data>" * 5000
        + b"</data></array></value>" * 5000
        + b"</param></params></methodCall>",
    ],
)
def test_what_is_no_call_is_refused(body: bytes) -> None:
    with pytest.raises(MalformedCallError):
        decode_call(body)


def test_base64_is_decoded() -> None:
    body = b"<methodCall><methodName>m</methodName><params><param><value><base64>w6R4</base64></value></param>"
    assert decode_call(body + b"</params></methodCall>") == ("m", ["\u00e4x"])
