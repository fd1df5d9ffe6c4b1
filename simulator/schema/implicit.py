"""Messages that the model leaves unsaid: the ones generated from classes and fields."""

from collections.abc import Iterator

from simulator.schema.schema import VOID, ClassSpec, FieldSpec, MessageSpec, ParameterSpec
from simulator.schema.types import Type

TEXT = Type("string")
CUSTOM_THROUGHOUT = ("message",)


def implicit_messages(cls: ClassSpec) -> dict[str, MessageSpec]:
    """Everything generated for a class that has rows; custom messages of the same name come first."""
    if not cls.stored or cls.name in CUSTOM_THROUGHOUT:
        return {}
    specs = [*_lookups(cls), *_whole_class(cls), *_life(cls)]
    for item in cls.fields.values():
        specs += [_getter(cls, item), *_writers(cls, item)]
    return {spec.name: spec for spec in specs if spec.name not in cls.messages}


def plain_role(cls: ClassSpec, name: str) -> str:
    return cls.roles.get(name, "read-only" if name.startswith("get_") else "pool-operator")


def _spec(
    cls: ClassSpec, name: str, parameters: tuple[tuple[str, Type], ...], result: Type, *, removed: bool = False
) -> MessageSpec:
    return MessageSpec(
        name=name,
        parameters=tuple(ParameterSpec(*item) for item in parameters),
        result=result,
        role=plain_role(cls, name),
        asynchronous=name in ("create", "destroy"),
        removed=removed or cls.removed,
    )


def _self(cls: ClassSpec) -> tuple[str, Type]:
    return ("self", Type("ref", cls.name))


def _lookups(cls: ClassSpec) -> Iterator[MessageSpec]:
    ref = Type("ref", cls.name)
    yield _spec(cls, "get_record", (_self(cls),), Type("record", cls.name))
    if "uuid" in cls.fields:
        yield _spec(cls, "get_by_uuid", (("uuid", TEXT),), ref)
    if "name_label" in cls.fields:
        yield _spec(cls, "get_by_name_label", (("label", TEXT),), Type("set", item=ref))


def _whole_class(cls: ClassSpec) -> Iterator[MessageSpec]:
    if not cls.get_all_records:
        return
    refs = Type("set", item=Type("ref", cls.name))
    records = Type("map", key=Type("ref", cls.name), item=Type("record", cls.name))
    yield _spec(cls, "get_all", (), refs)
    yield _spec(cls, "get_all_records", (), records)
    yield _spec(cls, "get_all_where", (("expr", TEXT),), refs)
    yield _spec(cls, "get_all_records_where", (("expr", TEXT),), records)


def _life(cls: ClassSpec) -> Iterator[MessageSpec]:
    if cls.implicit_create_destroy:
        yield _spec(cls, "create", (("args", Type("record", cls.name)),), Type("ref", cls.name))
        yield _spec(cls, "destroy", (_self(cls),), VOID)


def _getter(cls: ClassSpec, item: FieldSpec) -> MessageSpec:
    return _spec(cls, f"get_{item.name}", (_self(cls),), item.type, removed=item.removed)


def _writers(cls: ClassSpec, item: FieldSpec) -> Iterator[MessageSpec]:
    if item.qualifier != "RW":
        return
    me, kind = _self(cls), item.type
    yield _spec(cls, f"set_{item.name}", (me, ("value", kind)), VOID, removed=item.removed)
    if kind.kind == "map" and kind.key and kind.item:
        add = (me, ("key", kind.key), ("value", kind.item))
        yield _spec(cls, f"add_to_{item.name}", add, VOID, removed=item.removed)
        yield _spec(cls, f"remove_from_{item.name}", (me, ("key", kind.key)), VOID, removed=item.removed)
    elif kind.kind == "set" and kind.item:
        for verb in ("add", "remove"):
            one = (me, ("value", kind.item))
            yield _spec(cls, f"{verb}_{item.name}", one, VOID, removed=item.removed)
