"""The filter language of get_all_where: fields, literals, =, and, or, not; compared as stored text."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from simulator.schema import ClassSpec
from simulator.xapi.errors import XapiError

TOKEN = re.compile(r'\s*(?:"([^"]*)"|([()=])|(field|and|or|not|true|false)\b)', re.IGNORECASE)
Row = dict[str, object]
Test = Callable[[str, Row], bool]
Operand = Callable[[str, Row], str]
DEEPEST = 100


def stored_text(value: object) -> str:
    """A value as the database keeps it: sets ('a' 'b'), maps (('k' 'v'))."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"({' '.join(_quoted(item) for item in value)})"
    if isinstance(value, dict):
        return f"({' '.join(f'({_quoted(key)} {_quoted(item)})' for key, item in value.items())})"
    return str(value)


def _quoted(value: object) -> str:
    text = stored_text(value).replace("\\", "\\\\").replace("'", "\\'")
    return f"'{text}'"


def matching(cls: ClassSpec, records: dict[str, Row], text: str) -> dict[str, Row]:
    test = Parser(cls, text).parse()
    return {ref: row for ref, row in records.items() if test(ref, row)}


@dataclass
class Parser:
    """and/or have equal precedence, left to right; not binds looser than both."""

    cls: ClassSpec
    text: str

    def parse(self) -> Test:
        self._tokens = self._split()
        self._place = 0
        test = self._expression(0)
        if self._place != len(self._tokens):
            raise self._bad("unexpected text after the expression")
        return test

    def _bad(self, why: str) -> XapiError:
        return XapiError("INVALID_VALUE", self.text, why)

    def _split(self) -> list[tuple[str, str]]:
        tokens, place, text = [], 0, self.text.rstrip()
        while place < len(text):
            match = TOKEN.match(text, place)
            if match is None:
                raise self._bad(f"unexpected character at {place}")
            kind = "text" if match[1] is not None else "word"
            tokens.append((kind, match[1] if kind == "text" else (match[2] or match[3]).lower()))
            place = match.end()
        return tokens

    def _next(self) -> tuple[str, str]:
        if self._place >= len(self._tokens):
            raise self._bad("unexpected end")
        self._place += 1
        return self._tokens[self._place - 1]

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._place] if self._place < len(self._tokens) else ("end", "")

    def _expression(self, depth: int) -> Test:
        if depth > DEEPEST:
            raise self._bad("too deeply nested")
        if self._peek() == ("word", "not"):
            self._next()
            inner = self._expression(depth + 1)
            return lambda ref, row: not inner(ref, row)
        test = self._term(depth)
        while self._peek() in (("word", "and"), ("word", "or")):
            test = _joined(self._next()[1], test, self._term(depth))
        return test

    def _term(self, depth: int) -> Test:
        if self._peek() in (("word", "true"), ("word", "false")):
            answer = self._next()[1] == "true"
            return lambda _ref, _row: answer
        if self._peek() == ("word", "("):
            self._next()
            inner = self._expression(depth + 1)
            self._expect(")")
            return inner
        left = self._operand()
        self._expect("=")
        right = self._operand()
        return lambda ref, row: left(ref, row) == right(ref, row)

    def _expect(self, word: str) -> None:
        if self._next() != ("word", word):
            raise self._bad(f"expected {word}")

    def _operand(self) -> Operand:
        kind, value = self._next()
        if kind == "text":
            return lambda _ref, _row: value
        if value != "field":
            raise self._bad(f"unexpected {value}")
        kind, name = self._next()
        if kind != "text":
            raise self._bad("expected a quoted field name")
        return self._field(name)

    def _field(self, db_name: str) -> Operand:
        if db_name in ("_ref", "ref"):
            return lambda ref, _row: ref
        for item in self.cls.fields.values():
            if item.db_name == db_name:
                return lambda _ref, row: stored_text(row[item.name])
        raise XapiError("INTERNAL_ERROR", "missing field", db_name, "")


def _joined(word: str, left: Test, right: Test) -> Test:
    if word == "and":
        return lambda ref, row: left(ref, row) and right(ref, row)
    return lambda ref, row: left(ref, row) or right(ref, row)
