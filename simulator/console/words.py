"""One line of a shell into words: quotes, $NAME, ${NAME} and $(command), as much as a runbook uses of them."""

import re
from collections.abc import Callable
from dataclasses import dataclass

NAME = re.compile(r"[A-Za-z_]\w*|\?")
ASSIGNMENT = re.compile(r"^\s*([A-Za-z_]\w*)=")
UNKNOWN = "|;&<>`("


class SyntaxProblemError(Exception):
    """What stands in the line is not understood here."""


@dataclass(frozen=True)
class Expansion:
    """Where the values of names and commands come from."""

    variable: Callable[[str], str]
    output: Callable[[str], str]


class Splitter:
    """Walks over one line; `_word` is None between words. An assignment is read `whole`: values keep their blanks."""

    def __init__(self, line: str, expansion: Expansion, *, whole: bool = False) -> None:
        self._line = line
        self._whole = whole
        self._place = 0
        self._expansion = expansion
        self._word: str | None = None
        self._words: list[str] = []

    def split(self) -> list[str]:
        while self._place < len(self._line):
            if not self._step(self._line[self._place]):
                break
        self._end_word()
        return self._words

    def _step(self, char: str) -> bool:
        """Take what begins with this character; False where a comment begins."""
        if char.isspace():
            self._end_word()
            self._place += 1
        elif char == "#" and self._word is None:
            return False
        elif char == "'":
            end = self._find("'", self._place + 1)
            self._add(self._line[self._place + 1 : end])
            self._place = end + 1
        elif char == '"':
            self._place += 1
            self._quoted()
        elif char == "\\":
            self._add(self._line[self._place + 1 : self._place + 2])
            self._place += 2
        elif char == "$":
            value = self._expanded()
            self._add_in_pieces([value] if self._whole else value.split())
        elif char in UNKNOWN:
            raise SyntaxProblemError(f"syntax error near `{char}'")
        else:
            self._add(char)
            self._place += 1
        return True

    def _quoted(self) -> None:
        self._add("")
        while True:
            if self._place >= len(self._line):
                raise SyntaxProblemError("unexpected end of line while looking for `\"'")
            char = self._line[self._place]
            if char == '"':
                self._place += 1
                return
            if char == "$":
                self._add(self._expanded())
                continue
            if char == "\\" and self._line[self._place + 1 : self._place + 2] in {'"', "\\", "$"}:
                self._place += 1
            self._add(self._line[self._place])
            self._place += 1

    def _expanded(self) -> str:
        """The value of what begins with the $ here."""
        rest = self._line[self._place + 1 :]
        if rest.startswith("("):
            end = self._closing(self._place + 2)
            command, self._place = self._line[self._place + 2 : end], end + 1
            return self._expansion.output(command).rstrip("\n")
        if rest.startswith("{"):
            end = self._find("}", self._place)
            name, self._place = self._line[self._place + 2 : end], end + 1
            return self._expansion.variable(name)
        match = NAME.match(rest)
        self._place += 1 + (match.end() if match else 0)
        return self._expansion.variable(match[0]) if match else "$"

    def _closing(self, start: int) -> int:
        """The bracket that ends $( ; brackets inside quotes do not count."""
        depth, quote = 1, ""
        for place in range(start, len(self._line)):
            char = self._line[place]
            if quote:
                quote = "" if char == quote else quote
            elif char in "'\"":
                quote = char
            else:
                depth += {"(": 1, ")": -1}.get(char, 0)
            if depth == 0:
                return place
        raise SyntaxProblemError("unexpected end of line while looking for `)'")

    def _find(self, char: str, start: int) -> int:
        end = self._line.find(char, start)
        if end < 0:
            raise SyntaxProblemError(f"unexpected end of line while looking for `{char}'")
        return end

    def _add(self, text: str) -> None:
        self._word = (self._word or "") + text

    def _add_in_pieces(self, pieces: list[str]) -> None:
        for number, piece in enumerate(pieces):
            if number:
                self._end_word()
            self._add(piece)

    def _end_word(self) -> None:
        if self._word is not None:
            self._words.append(self._word)
        self._word = None


def split(line: str, expansion: Expansion) -> list[str]:
    return Splitter(line, expansion).split()


def assignment(line: str, expansion: Expansion) -> tuple[str, str] | None:
    """NAME=value as a line of its own; None where the line is something else."""
    match = ASSIGNMENT.match(line)
    if match is None:
        return None
    words = Splitter(line[match.end() :], expansion, whole=True).split()
    if len(words) > 1:
        raise SyntaxProblemError("a variable for one command only is not known here")
    return match[1], words[0] if words else ""
