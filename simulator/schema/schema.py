"""Classes, fields and messages of the model, read once from datamodel.json."""

import json
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

from simulator.schema.types import Type, parse_type

REQUIRED = object()
VOID = Type("void")
NAME_GROUP = ("name_label", "name_description")
# Fields that upstream declares inside a namespace: joined by "_" on the wire, by "__" in the database.
GROUPS = {
    "host": ("API_version", "memory"),
    "host_metrics": ("memory",),
    "PIF_metrics": ("io",),
    "VIF": ("qos",),
    "VBD": ("qos",),
    "VM": ("memory", "VCPUs", "actions", "PV", "HVM"),
    "VM_metrics": ("memory", "VCPUs"),
}


@dataclass(frozen=True)
class ParameterSpec:
    name: str
    type: Type
    default: object = REQUIRED

    @property
    def required(self) -> bool:
        return self.default is REQUIRED


@dataclass(frozen=True, kw_only=True)
class MessageSpec:
    """One message; `role` is a key of Schema.role_sets."""

    name: str
    parameters: tuple[ParameterSpec, ...] = ()
    result: Type = VOID
    role: str = "read-only"
    session: bool = True
    asynchronous: bool = False
    removed: bool = False


@dataclass(frozen=True, kw_only=True)
class FieldSpec:
    """`qualifier`: RO (runtime), RO/constructor or RW."""

    name: str
    db_name: str
    type: Type
    qualifier: str
    has_default: bool
    default: object
    removed: bool

    def fresh(self) -> object:
        return deepcopy(self.default) if isinstance(self.default, list | dict) else self.default


@dataclass(frozen=True, kw_only=True)
class ClassSpec:
    name: str
    fields: dict[str, FieldSpec]
    messages: dict[str, MessageSpec]
    roles: dict[str, str]
    removed: bool
    persist: bool
    events: bool
    stored: bool
    implicit_create_destroy: bool
    get_all_records: bool


@dataclass(frozen=True)
class Relation:
    """One end of a bound pair: writing `field` of `cls` also writes `other_field` of `other_cls`."""

    cls: str
    field: str
    other_cls: str
    other_field: str


@dataclass(frozen=True, kw_only=True)
class Schema:
    classes: dict[str, ClassSpec]
    enums: dict[str, tuple[str, ...]]
    errors: dict[str, tuple[str, ...]]
    emergency_calls: frozenset[str]
    role_sets: dict[str, tuple[str, ...]]
    map_key_roles: dict[str, dict[str, str]]
    relations: dict[tuple[str, str], Relation] = field(repr=False)


Json = Mapping[str, object]


def _mapping(value: object) -> Json:
    if not isinstance(value, dict):
        raise TypeError(f"an object was expected in the data model, not {value!r}")
    return value


def _items(value: object) -> list[object]:
    if not isinstance(value, list):
        raise TypeError(f"an array was expected in the data model, not {value!r}")
    return value


def _texts(value: object) -> tuple[str, ...]:
    return tuple(str(item) for item in _items(value))


def _db_name(cls: str, name: str) -> str:
    if name in NAME_GROUP:
        return name.replace("_", "__", 1)
    for group in GROUPS.get(cls, ()):
        if name.startswith(f"{group}_"):
            return f"{group}__{name.removeprefix(group)[1:]}"
    return name


def _parameter(value: object) -> ParameterSpec:
    name, kind, *default = _items(value)
    return ParameterSpec(str(name), parse_type(str(kind)), *default)


def _message(name: str, data: Json) -> MessageSpec:
    return MessageSpec(
        name=name,
        parameters=tuple(_parameter(item) for item in _items(data["params"])),
        result=parse_type(str(data.get("result", "void"))),
        role=str(data["role"]),
        session=bool(data.get("session", True)),
        asynchronous=bool(data.get("async", False)),
        removed=data.get("state") == "removed",
    )


def _field(cls: str, name: str, data: Json, enums: dict[str, tuple[str, ...]]) -> FieldSpec:
    kind = parse_type(str(data["type"]))
    default = data.get("default", enums.get(kind.name, ("",))[0] if kind.kind == "enum" else kind.zero())
    return FieldSpec(
        name=name,
        db_name=_db_name(cls, name),
        type=kind,
        qualifier=str(data.get("qualifier", "RO")),
        has_default="default" in data,
        default=kind.stored(default),
        removed=data.get("state") == "removed",
    )


def _class(name: str, data: Json, enums: dict[str, tuple[str, ...]]) -> ClassSpec:
    fields = {key: _field(name, key, _mapping(item), enums) for key, item in _mapping(data["fields"]).items()}
    messages = {key: _message(key, _mapping(item)) for key, item in _mapping(data["messages"]).items()}
    return ClassSpec(
        name=name,
        fields=fields,
        messages=messages,
        roles={key: str(role) for key, role in _mapping(data["roles"]).items()},
        removed=data["state"] == "removed" or (bool(fields) and all(item.removed for item in fields.values())),
        persist=bool(data["persist"]),
        events=bool(data["events"]),
        stored=bool(data["stored"]),
        implicit_create_destroy=bool(data["implicit_create_destroy"]),
        get_all_records=bool(data["get_all_records"]),
    )


def _relations(pairs: object) -> dict[tuple[str, str], Relation]:
    relations = {}
    for pair in _items(pairs):
        left, right = (tuple(end.split(".")) for end in _texts(pair))
        for (cls, name), (other_cls, other_name) in ((left, right), (right, left)):
            relations[cls, name] = Relation(cls, name, other_cls, other_name)
    return relations


@cache
def schema() -> Schema:
    """The model of the release line that the simulator speaks."""
    text = resources.files(__package__).joinpath("datamodel.json").read_text(encoding="utf-8")
    data = _mapping(json.loads(text))
    enums = {name: _texts(values) for name, values in _mapping(data["enums"]).items()}
    return Schema(
        classes={name: _class(name, _mapping(item), enums) for name, item in _mapping(data["classes"]).items()},
        enums=enums,
        errors={code: _texts(names) for code, names in _mapping(data["errors"]).items()},
        emergency_calls=frozenset(_texts(data["emergency_calls"])),
        role_sets={name: _texts(roles) for name, roles in _mapping(data["role_sets"]).items()},
        map_key_roles={
            name: {key: str(role) for key, role in _mapping(roles).items()}
            for name, roles in _mapping(data["map_key_roles"]).items()
        },
        relations=_relations(data["relations"]),
    )
