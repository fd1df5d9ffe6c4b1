"""One login on a console: variables, the status of the last command, and the programs that there are."""

from collections.abc import Callable
from dataclasses import dataclass, field

from simulator.console.words import Expansion, SyntaxProblemError, assignment, split
from simulator.world.host import HostMachine


class CommandFailedError(Exception):
    """A program ends with this text and a status that is not 0."""

    def __init__(self, text: str, status: int = 1) -> None:
        super().__init__(text)
        self.text = text
        self.status = status


class LoggedOut(Exception):
    """The person said exit, or the machine went down."""


class Interrupted(Exception):
    """The person pressed Ctrl-C."""


@dataclass(frozen=True)
class Keyboard:
    """`ask` writes a text and reads a line; `wait` lets time pass and raises Interrupted at Ctrl-C."""

    ask: Callable[[str], str]
    wait: Callable[[float], None]


@dataclass
class Shell:
    machine: HostMachine
    keyboard: Keyboard
    variables: dict[str, str] = field(default_factory=dict)
    status: int = 0

    def run(self, line: str) -> str:
        """What the line prints; nothing raises but LoggedOut and Interrupted."""
        try:
            text, self.status = self._run(line), 0
        except CommandFailedError as failure:
            text, self.status = failure.text, failure.status
        except SyntaxProblemError as problem:
            text, self.status = f"-bash: {problem}", 2
        return text if not text or text.endswith("\n") else f"{text}\n"

    def _run(self, line: str) -> str:
        expansion = Expansion(self._variable, self._run)
        found = assignment(line, expansion)
        if found:
            self.variables[found[0]] = found[1]
            return ""
        words = split(line, expansion)
        if not words:
            return ""
        program = PROGRAMS.get(words[0].rpartition("/")[2])
        if program is None:
            raise CommandFailedError(f"-bash: {words[0]}: command not found", 127)
        return program(self, words[1:])

    def _variable(self, name: str) -> str:
        return str(self.status) if name == "?" else self.variables.get(name, "")


Program = Callable[[Shell, list[str]], str]
PROGRAMS: dict[str, Program] = {}


def program(name: str) -> Callable[[Program], Program]:
    """Serve a program under this name."""

    def register(function: Program) -> Program:
        PROGRAMS[name] = function
        return function

    return register
