"""`xe` as a program of the shell: which command, and what came of it."""

from simulator.console.shell import CommandFailedError, Shell, program
from simulator.console.xe.arguments import Given, read
from simulator.console.xe.client import Client
from simulator.console.xe.commands import COMMANDS
from simulator.console.xe.composed import COMPOSED
from simulator.console.xe.fields import CLASSES
from simulator.console.xe.listing import add, list_objects, show_all, show_one, write

GENERIC = {"list": list_objects, "param-list": show_all, "param-get": show_one, "param-set": write, "param-add": add}


@program("xe")
def xe(shell: Shell, words: list[str]) -> str:
    if not words:
        raise CommandFailedError("Usage: xe <command> key=value …\nFor usage run: 'xe help'")
    given, client = read(words[1:]), Client(shell.machine, shell.keyboard)
    try:
        return run(words[0], client, given)
    finally:
        client.close()


def run(name: str, client: Client, given: Given) -> str:
    if name in COMMANDS:
        return COMMANDS[name].run(client, given)
    if name in COMPOSED:
        return COMPOSED[name](client, given)
    cls, _, verb = name.partition("-")
    if cls in CLASSES and verb in GENERIC:
        return GENERIC[verb](CLASSES[cls], client, given)
    raise CommandFailedError(f"Unknown command: {name}\nFor usage run: 'xe help'")
