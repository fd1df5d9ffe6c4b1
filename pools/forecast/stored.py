"""Forecasts as JSON: what a step keeps of one, so that it can be held against what came of it."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import StrEnum
from types import UnionType
from typing import TypeVar, get_args, get_origin, get_type_hints

from pools.forecast.join import JoinForecast

Entry = TypeVar("Entry")


def to_json(entry: object) -> dict[str, object]:
    """Make a dataclass storable."""
    return _object(entry)


def from_json(stored: Mapping[str, object]) -> JoinForecast:
    """Read what ``to_json`` made; what a later version of the forecast has in addition gets its default."""
    return _read(JoinForecast, stored)


def restored(kind: type[Entry], stored: Mapping[str, object]) -> Entry:
    """Read what ``to_json`` made of a dataclass of this kind."""
    return _read(kind, stored)


def _object(entry: object) -> dict[str, object]:
    return {each.name: _plain(getattr(entry, each.name)) for each in fields(entry)}  # type: ignore[arg-type]


def _plain(value: object) -> object:
    if is_dataclass(value):
        return _object(value)
    return [_plain(each) for each in value] if isinstance(value, tuple) else value


def _read(kind: type[Entry], stored: Mapping[str, object]) -> Entry:
    hints = get_type_hints(kind)
    return kind(**{name: _typed(hints[name], value) for name, value in stored.items() if name in hints})


def _typed(kind: object, value: object) -> object:
    if isinstance(kind, UnionType):
        return None if value is None else _typed(get_args(kind)[0], value)
    if get_origin(kind) is tuple and isinstance(value, list):
        return tuple(_typed(get_args(kind)[0], each) for each in value)
    if isinstance(kind, type) and is_dataclass(kind) and isinstance(value, Mapping):
        return _read(kind, value)
    return kind(str(value)) if isinstance(kind, type) and issubclass(kind, StrEnum) else value
