"""The rows of one pool, to and from a state file."""

from dataclasses import dataclass

from simulator.database import Database, Deletion, Row, Stamp, Table
from simulator.schema import ClassSpec, DateTime, Schema
from simulator.schema.types import Type

# They end with the toolstack; and a session's reference is a key.
NOT_KEPT = frozenset({"session", "task"})
# Above every generation that a client can have been told in a second that was not saved.
UNSEEN = 1_000_000_000
PYTHON_TYPES: dict[str, type] = {"int": int, "float": float, "bool": bool, "set": list, "map": dict}


@dataclass(frozen=True, kw_only=True)
class SavedRow:
    """`fields` without those that have the model's default."""

    created: int
    modified: int
    fields: dict[str, object]


@dataclass(frozen=True, kw_only=True)
class SavedTable:
    touched: int
    rows: dict[str, SavedRow]
    deletions: tuple[Deletion, ...]


@dataclass(frozen=True, kw_only=True)
class SavedDatabase:
    generation: int
    message_generation: int
    tables: dict[str, SavedTable]


def touched(database: Database) -> tuple[int, ...]:
    """Differs after each write that is worth saving."""
    return tuple(table.touched for name, table in database.tables.items() if name not in NOT_KEPT)


def saved(database: Database) -> SavedDatabase:
    """Call it with the database locked; containers are shared with the rows, which replace and never change them."""
    return SavedDatabase(
        generation=database.generation,
        message_generation=database.message_generation,
        tables={name: _saved_table(table) for name, table in database.tables.items() if name not in NOT_KEPT},
    )


def _saved_table(table: Table) -> SavedTable:
    rows = {
        ref: SavedRow(
            created=table.stamps[ref].created,
            modified=table.stamps[ref].modified,
            fields={name: value for name, value in row.items() if value != table.spec.fields[name].default},
        )
        for ref, row in table.rows.items()
    }
    return SavedTable(touched=table.touched, rows=rows, deletions=tuple(table.deletions))


def restored(schema: Schema, found: SavedDatabase) -> Database:
    """A database that goes on where the saved one was: old tokens see what has changed since."""
    database = Database(schema)
    for name, table in found.tables.items():
        _fill(database.tables[name], table)
    database.generation = found.generation + UNSEEN
    database.message_generation = found.message_generation + UNSEEN
    return database


def _fill(table: Table, found: SavedTable) -> None:
    table.touched = found.touched
    table.deletions.extend(found.deletions)
    for ref, row in found.rows.items():
        table.put(ref, _row(table.spec, row), Stamp(row.created, row.modified))
    table.sort()


def _row(spec: ClassSpec, found: SavedRow) -> Row:
    given = {name: from_json(spec.fields[name].type, value) for name, value in found.fields.items()}
    return {name: item.fresh() for name, item in spec.fields.items()} | given


def from_json(kind: Type, value: object) -> object:
    """The value as a row keeps it: JSON has no times, and no keys but text."""
    if not isinstance(value, PYTHON_TYPES.get(kind.kind, str)):
        raise TypeError(f"{kind.kind} expected")
    if kind.kind == "datetime":
        return DateTime(value)
    if isinstance(value, list) and kind.item:
        return [from_json(kind.item, item) for item in value]
    if isinstance(value, dict) and kind.key and kind.item:
        return {_key(kind.key, key): from_json(kind.item, item) for key, item in value.items()}
    return value


def _key(kind: Type, key: str) -> object:
    return int(key) if kind.kind == "int" else key
