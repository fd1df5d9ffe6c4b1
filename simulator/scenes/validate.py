"""Build frozen dataclasses from plain data; every mistake is named with file, path and expectation."""

import dataclasses
import types
import typing
from typing import Literal, TypeVar

Built = TypeVar("Built")


class SceneError(ValueError):
    """A scene that cannot be used, and why."""

    def __init__(self, file: str, path: str, expected: str, got: object = None) -> None:
        found = "" if got is None else f", got {got!r}"
        super().__init__(f"{file}: {path}: expected {expected}{found}")


def build(kind: type[Built], data: object, *, file: str, path: str = "scene") -> Built:
    """An instance of the dataclass `kind` made from a mapping."""
    if not isinstance(data, dict):
        raise SceneError(file, path, "a mapping", data)
    fields = {field.name: field for field in dataclasses.fields(kind) if field.init}  # type: ignore[arg-type]
    unknown = sorted(str(key) for key in data if key not in fields)
    if unknown:
        raise SceneError(file, f"{path}.{unknown[0]}", f"one of {', '.join(sorted(fields))}", unknown[0])
    hints = typing.get_type_hints(kind)
    values = {key: _value(hints[key], value, file, f"{path}.{key}") for key, value in data.items()}
    missing = [
        name
        for name, field in fields.items()
        if name not in values and field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
    ]
    if missing:
        raise SceneError(file, f"{path}.{missing[0]}", "a value")
    try:
        return kind(**values)
    except ValueError as error:
        raise SceneError(file, path, str(error)) from error


def _value(hint: object, data: object, file: str, path: str) -> object:
    origin = typing.get_origin(hint)
    if origin is tuple:
        return _items(typing.get_args(hint)[0], data, file, path)
    if origin is dict:
        return _mapping(typing.get_args(hint)[1], data, file, path)
    if origin is Literal:
        choices = typing.get_args(hint)
        if data not in choices:
            raise SceneError(file, path, f"one of {', '.join(map(str, choices))}", data)
        return data
    if origin is types.UnionType:
        return None if data is None else _value(typing.get_args(hint)[0], data, file, path)
    if dataclasses.is_dataclass(hint):
        return build(typing.cast("type[object]", hint), data, file=file, path=path)
    return _scalar(hint, data, file, path)


def _items(hint: object, data: object, file: str, path: str) -> tuple[object, ...]:
    if not isinstance(data, list):
        raise SceneError(file, path, "a list", data)
    return tuple(_value(hint, item, file, f"{path}[{place}]") for place, item in enumerate(data))


def _mapping(hint: object, data: object, file: str, path: str) -> dict[str, object]:
    if not isinstance(data, dict):
        raise SceneError(file, path, "a mapping", data)
    return {str(key): _value(hint, value, file, f"{path}.{key}") for key, value in data.items()}


def _scalar(hint: object, data: object, file: str, path: str) -> object:
    if hint is object:
        return data
    if hint is float and isinstance(data, int) and not isinstance(data, bool):
        return float(data)
    wanted = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}
    if type(data) is not hint:
        name = wanted.get(hint, str(hint)) if isinstance(hint, type) else str(hint)
        raise SceneError(file, path, name, data)
    return data
