"""`xe class-list`, `class-param-list`, `-param-get`, `-param-set` and `-param-add`: one way for every class."""

from simulator.console.shell import CommandFailedError
from simulator.console.xe.arguments import Given, number, truth
from simulator.console.xe.client import Client
from simulator.console.xe.fields import SHOWN, Field, fields_of
from simulator.schema import schema
from simulator.xapi.rows import Row

NO_FILTERS = {"params"}
HIDDEN: dict[str, dict[str, object]] = {"VM": {"is_a_template": False, "is_a_snapshot": False}}
SETTERS = {("PIF", "properties"): "PIF.set_property", ("Bond", "properties"): "Bond.set_property"}


def list_objects(cls: str, client: Client, given: Given) -> str:
    """All that match key=value filters; `params=` chooses fields, `--minimal` gives the first one with commas."""
    fields = fields_of(cls)
    names = _wanted(cls, fields, given.values.get("params", ""))
    filters = {key: value for key, value in given.values.items() if key not in NO_FILTERS}
    database = client.database
    rows = (Row(database, cls, ref) for ref in database.find(cls, **HIDDEN.get(cls, {})))
    found = [row for row in rows if _fits(row, fields, filters)]
    if "minimal" in given.flags:
        return ",".join(fields[names[0]].show(row) for row in found)
    return "\n\n".join(_page(row, fields, names) for row in found) + ("\n" if found else "")


def _wanted(cls: str, fields: dict[str, Field], params: str) -> list[str]:
    if params == "all":
        return list(fields)
    names = [name for name in params.split(",") if name] or list(SHOWN[cls])
    for name in names:
        _known(fields, name)
    return names


def _known(fields: dict[str, Field], name: str) -> Field:
    if name not in fields:
        raise CommandFailedError(f"Error: Unknown field '{name}'")
    return fields[name]


def _fits(row: Row, fields: dict[str, Field], filters: dict[str, str]) -> bool:
    return all(_value(row, fields, key) == value for key, value in filters.items())


def _value(row: Row, fields: dict[str, Field], key: str) -> str:
    """The value of a field, or of one key of a map: other-config:site."""
    name, colon, below = key.partition(":")
    field = _known(fields, name)
    return row.mapping(field.stored).get(below, "") if colon and field.stored else field.show(row)


def _page(row: Row, fields: dict[str, Field], names: list[str]) -> str:
    """The first field stands at the left, the others right-aligned below it, as xe prints them."""
    heads = {name: f"{name} ({fields[name].mark})" for name in names}
    width = max(len(head) for head in heads.values()) + 4
    lines = []
    for place, name in enumerate(names):
        head = heads[name].rjust(width) if place else heads[name].ljust(width)
        lines.append(f"{head}: {fields[name].show(row)}")
    return "\n".join(lines)


def show_all(cls: str, client: Client, given: Given) -> str:
    fields = fields_of(cls)
    return _page(Row(client.database, cls, client.ref(cls, given.required("uuid"))), fields, list(fields))


def show_one(cls: str, client: Client, given: Given) -> str:
    """`param-key=` gives one value of a map."""
    row = Row(client.database, cls, client.ref(cls, given.required("uuid")))
    name, key = given.required("param-name"), given.values.get("param-key", "")
    fields = fields_of(cls)
    if key and key not in row.mapping(_known(fields, name).stored):
        raise CommandFailedError(f"Error: Key {key} not found in map")
    return _value(row, fields, f"{name}:{key}" if key else name)


def write(cls: str, client: Client, given: Given) -> str:
    """Each key=value is one call; map:key=value replaces one key."""
    ref, fields = client.ref(cls, given.required("uuid")), fields_of(cls)
    for key, text in given.values.items():
        if key != "uuid":
            name, colon, below = key.partition(":")
            stored = _known(fields, name).stored
            if not stored:
                raise CommandFailedError(f"Error: Parameter {name} is read-only")
            if colon:
                _write_key(client, f"{cls}.{stored}", ref, (below, text))
            else:
                client.call(f"{cls}.set_{stored}", ref, _typed(cls, stored, text))
    return ""


def add(cls: str, client: Client, given: Given) -> str:
    """`param-key=` goes into a set; key=value pairs go into a map."""
    ref, name = client.ref(cls, given.required("uuid")), given.required("param-name")
    stored = _known(fields_of(cls), name).stored
    if schema().classes[cls].fields[stored].type.kind == "set":
        client.call(f"{cls}.add_{stored}", ref, given.required("param-key"))
        return ""
    for key, text in given.values.items():
        if key not in {"uuid", "param-name"}:
            client.call(f"{cls}.add_to_{stored}", ref, key, text)
    return ""


def _write_key(client: Client, field: str, ref: str, pair: tuple[str, str]) -> None:
    cls, _, stored = field.partition(".")
    setter = SETTERS.get((cls, stored))
    if setter:
        client.call(setter, ref, *pair)
        return
    client.call(f"{cls}.remove_from_{stored}", ref, pair[0])
    client.call(f"{cls}.add_to_{stored}", ref, *pair)


def _typed(cls: str, stored: str, text: str) -> object:
    kind = schema().classes[cls].fields[stored].type.kind
    if kind == "int":
        return number(stored, text)
    return truth(stored, text) if kind == "bool" else text
