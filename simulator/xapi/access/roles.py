"""Roles and permissions: static rows outside of the database, the same in every pool (rbac_static.ml, xapi_role.ml)."""

import hashlib
import uuid
from collections.abc import Callable, Iterator
from functools import cache

from simulator.database import Row
from simulator.schema import schema
from simulator.schema.implicit import implicit_messages
from simulator.xapi.errors import XapiError
from simulator.xapi.filters import matching
from simulator.xapi.registry import Call, message

DESCRIPTIONS = {
    "pool-admin": "The Pool Administrator role has full access to all features and settings, including accessing Dom0 "
    "and managing subjects, roles and external authentication",
    "pool-operator": "The Pool Operator role manages host- and pool-wide resources, including setting up storage, "
    "creating resource pools and managing patches, high availability (HA) and workload balancing (WLB)",
    "vm-power-admin": "The VM Power Administrator role has full access to VM and template management and can choose "
    "where to start VMs and use the dynamic memory control and VM snapshot features",
    "vm-admin": "The VM Administrator role can manage VMs and templates",
    "vm-operator": "The VM Operator role can use VMs and interact with VM consoles",
    "client-cert": "Clients with a certificate of the pool",
    "read-only": "The Read-Only role can log in with basic read-only access",
}
INTERNAL = {"client-cert"}
BESIDE_MESSAGES = {
    "task.cancel/any": "pool-operator",
    "task.destroy/any": "pool-operator",
    "http/get_rrd_updates": "read-only",
}
GUARDED = ("add_to_", "remove_from_")


def ref_of(name: str) -> str:
    return f"OpaqueRef:{uuid_of(name)}"


def uuid_of(name: str) -> str:
    """The MD5 of the name, written as a UUID."""
    return str(uuid.UUID(hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()))


@cache
def permissions() -> dict[str, tuple[str, ...]]:
    """Every permission, and the roles that have it."""
    return dict(_permissions())


def _permissions() -> Iterator[tuple[str, tuple[str, ...]]]:
    sets = schema().role_sets
    for cls in schema().classes.values():
        for spec in (*implicit_messages(cls).values(), *cls.messages.values()):
            yield f"{cls.name}.{spec.name}".lower(), sets.get(spec.role, ())
    for field, keys in schema().map_key_roles.items():
        for key, role in keys.items():
            for verb in GUARDED:
                yield key_permission(field, verb, key), sets[role]
    for name, role in BESIDE_MESSAGES.items():
        yield name, sets[role]


def key_permission(field: str, verb: str, key: str) -> str:
    """`pool.other_config` and a key: the permission beside that of the message."""
    cls, _, name = field.partition(".")
    return f"{cls}.{verb}{name}".lower() + f"/key:{key}"


def permissions_of(role: str) -> list[str]:
    return [name for name, roles in permissions().items() if role in roles]


@cache
def table() -> dict[str, Row]:
    """The roles, then the permissions, which are rows of the same class."""
    rows: dict[str, Row] = {}
    for name, text in DESCRIPTIONS.items():
        rows[ref_of(name)] = _row(name, text, [ref_of(each) for each in permissions_of(name)])
    for name in permissions():
        rows[ref_of(name)] = _row(name, "A basic permission used to compose a role", [])
    return rows


def _row(name: str, text: str, subroles: list[str]) -> Row:
    return {
        "uuid": uuid_of(name),
        "name_label": name,
        "name_description": text,
        "subroles": subroles,
        "is_internal": name in INTERNAL,
    }


def record(ref: str) -> Row:
    """HANDLE_INVALID where no role has this reference."""
    try:
        return dict(table()[ref])
    except KeyError:
        raise XapiError("HANDLE_INVALID", "role", ref) from None


def name_of(ref: str) -> str:
    return str(record(ref)["name_label"])


@message("role", "get_all")
def role_get_all(_call: Call) -> list[str]:
    return list(table())


@message("role", "get_all_records")
def role_get_all_records(_call: Call) -> dict[str, Row]:
    return {ref: dict(row) for ref, row in table().items()}


@message("role", "get_all_where")
def role_get_all_where(call: Call, text: str) -> list[str]:
    return list(role_get_all_records_where(call, text))


@message("role", "get_all_records_where")
def role_get_all_records_where(call: Call, text: str) -> dict[str, Row]:
    return matching(schema().classes["role"], role_get_all_records(call), text)


@message("role", "get_record")
def role_get_record(_call: Call, ref: str) -> Row:
    return record(ref)


@message("role", "get_by_uuid")
def role_get_by_uuid(_call: Call, wanted: str) -> str:
    for ref, row in table().items():
        if row["uuid"] == wanted:
            return ref
    raise XapiError("UUID_INVALID", "role", wanted)


@message("role", "get_by_name_label")
def role_get_by_name_label(_call: Call, label: str) -> list[str]:
    return [ref for ref, row in table().items() if row["name_label"] == label]


def _getter(field: str) -> Callable[[Call, str], object]:
    return lambda _call, ref: record(ref)[field]


for _field in ("uuid", "name_label", "name_description", "subroles", "is_internal"):
    message("role", f"get_{_field}")(_getter(_field))


@message("role", "get_permissions")
def role_get_permissions(_call: Call, ref: str) -> list[str]:
    return [ref_of(name) for name in permissions_of(name_of(ref))]


@message("role", "get_permissions_name_label")
def role_get_permissions_name_label(_call: Call, ref: str) -> list[str]:
    return permissions_of(name_of(ref))


@message("role", "get_by_permission")
def role_get_by_permission(_call: Call, ref: str) -> list[str]:
    return [ref_of(role) for role in permissions().get(name_of(ref), ())]


@message("role", "get_by_permission_name_label")
def role_get_by_permission_name_label(_call: Call, label: str) -> list[str]:
    return [ref_of(role) for role in permissions().get(label, ())]
