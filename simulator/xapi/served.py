"""The one table of everything a host answers: generated messages, overlaid by written ones."""

from functools import cache

from simulator.autoload import load_everything
from simulator.schema import ClassSpec, MessageSpec, schema
from simulator.schema.implicit import implicit_messages
from simulator.xapi.accessors import function_for, is_plain
from simulator.xapi.registry import HANDLERS, Handler


@cache
def generated() -> dict[str, Handler]:
    """Accessors of every class that has rows; withdrawn messages stay known, to be refused."""
    table = {}
    for cls in schema().classes.values():
        for spec in (*implicit_messages(cls).values(), *cls.messages.values()):
            handler = _handler(cls, spec)
            if handler:
                table[f"{cls.name}.{spec.name}"] = handler
    return table


def _handler(cls: ClassSpec, spec: MessageSpec) -> Handler | None:
    custom = spec.name in cls.messages
    if spec.removed:
        return Handler(cls.name, spec, _removed)
    if custom and not is_plain(spec):
        return None
    function = function_for(cls, spec)
    return Handler(cls.name, spec, function) if function else None


def _removed(*_arguments: object) -> None:
    raise AssertionError("the dispatcher refuses withdrawn messages before they are called")


def find(name: str) -> Handler | None:
    """Written messages win over generated ones."""
    load_everything()
    return HANDLERS.get(name) or generated().get(name)


def names() -> list[str]:
    """What system.listMethods tells: exactly what find() finds, withdrawn ones too, no Async forms (gen_server.ml)."""
    load_everything()
    return sorted(generated() | HANDLERS)
