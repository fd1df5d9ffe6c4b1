"""The data model as one table; accessors, decoding and defaults are generated from it."""

from simulator.schema.schema import ClassSpec, FieldSpec, MessageSpec, ParameterSpec, Relation, Schema, schema
from simulator.schema.types import DateTime, Int32, Type, parse_type

__all__ = [
    "ClassSpec",
    "DateTime",
    "FieldSpec",
    "Int32",
    "MessageSpec",
    "ParameterSpec",
    "Relation",
    "Schema",
    "Type",
    "parse_type",
    "schema",
]
