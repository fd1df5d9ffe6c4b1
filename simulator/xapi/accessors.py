"""Generated messages over the database: getters, setters, lookups, implicit create and destroy."""

from collections.abc import Callable

from simulator.schema import ClassSpec, FieldSpec, MessageSpec, schema
from simulator.xapi.errors import XapiError
from simulator.xapi.filters import matching
from simulator.xapi.registry import Call

Function = Callable[..., object]
# Custom upstream for side effects that nothing here depends on: served like generated ones.
PLAIN_FIELDS = {
    "other_config",
    "platform",
    "name_label",
    "name_description",
    "blocked_operations",
    "NVRAM",
    "tags",
    "appliance",
    "console_idle_timeout",
    "custom_uefi_certificates",
    "ext_auth_cache_enabled",
    "ext_auth_cache_expiry",
    "ext_auth_cache_size",
    "ext_auth_max_threads",
    "groups",
    "guest_agent_config",
    "igmp_snooping_enabled",
    "local_auth_max_threads",
    "max_cstate",
    "ntp_custom_servers",
    "ntp_mode",
    "numa_affinity_policy",
    "repositories",
    "snapshot_schedule",
    "ssh_auto_mode",
    "suspend_VDI",
    "telemetry_next_collection",
    "timezone",
    "update_sync_enabled",
}
VERBS = ("add_to_", "remove_from_", "set_", "add_", "remove_", "get_")


def function_for(cls: ClassSpec, spec: MessageSpec) -> Function | None:
    """The code of one generated message; None for names that mean nothing generated."""
    maker = WHOLE.get(spec.name)
    if maker:
        return maker(cls)
    for verb in VERBS:
        item = cls.fields.get(spec.name.removeprefix(verb)) if spec.name.startswith(verb) else None
        if item:
            return BY_VERB[verb](cls.name, item)
    return None


def generated_create(cls: str) -> Function:
    """The generated `create`: every field that must be there is."""
    found = function_for(schema().classes[cls], MessageSpec(name="create"))
    if found is None:
        raise LookupError(f"nothing creates a {cls}")
    return found


def is_plain(spec: MessageSpec) -> bool:
    return any(spec.name == f"{verb}{name}" for verb in VERBS[:5] for name in PLAIN_FIELDS)


def _get_record(cls: ClassSpec) -> Function:
    return lambda call, ref: call.host.database.snapshot(cls.name, ref)


def _get_by_uuid(cls: ClassSpec) -> Function:
    return lambda call, uuid: call.host.database.by_uuid(cls.name, uuid)


def _get_by_name_label(cls: ClassSpec) -> Function:
    return lambda call, label: call.host.database.find(cls.name, name_label=label)


def _get_all(cls: ClassSpec) -> Function:
    return lambda call: call.host.database.refs(cls.name)


def _get_all_records(cls: ClassSpec) -> Function:
    return lambda call: call.host.database.snapshots(cls.name)


def _get_all_where(cls: ClassSpec) -> Function:
    return lambda call, text: list(matching(cls, call.host.database.snapshots(cls.name), text))


def _get_all_records_where(cls: ClassSpec) -> Function:
    return lambda call, text: matching(cls, call.host.database.snapshots(cls.name), text)


def _create(cls: ClassSpec) -> Function:
    """One struct of all RW and RO/constructor fields; those without a default must be there."""
    wanted = {name: item for name, item in cls.fields.items() if item.qualifier != "RO"}

    def create(call: Call, given: dict[str, object]) -> str:
        for name, item in wanted.items():
            if name not in given and not item.has_default:
                raise XapiError("INTERNAL_ERROR", "missing field", name, "")
        fields = {name: value for name, value in given.items() if name in wanted}
        return call.host.database.insert(cls.name, fields)

    return create


def _destroy(cls: ClassSpec) -> Function:
    return lambda call, ref: call.host.database.delete(cls.name, ref)


def _get_field(cls: str, item: FieldSpec) -> Function:
    return lambda call, ref: call.host.database.field(cls, ref, item.name)


def _set_field(cls: str, item: FieldSpec) -> Function:
    return lambda call, ref, value: call.host.database.set(cls, ref, **{item.name: value})


def _add_to(cls: str, item: FieldSpec) -> Function:
    def add_to(call: Call, ref: str, key: object, value: object) -> None:
        database = call.host.database
        with database.locked():
            current = _map(database.field(cls, ref, item.name))
            if key in current:
                raise XapiError("MAP_DUPLICATE_KEY", cls, item.db_name, ref, str(key))
            database.set(cls, ref, **{item.name: {**current, key: value}})

    return add_to


def _remove_from(cls: str, item: FieldSpec) -> Function:
    """A missing key is no error, and no event."""

    def remove_from(call: Call, ref: str, key: object) -> None:
        database = call.host.database
        with database.locked():
            current = _map(database.field(cls, ref, item.name))
            if key in current:
                rest = {name: value for name, value in current.items() if name != key}
                database.set(cls, ref, **{item.name: rest})

    return remove_from


def _add(cls: str, item: FieldSpec) -> Function:
    def add(call: Call, ref: str, value: object) -> None:
        database = call.host.database
        with database.locked():
            current = _list(database.field(cls, ref, item.name))
            if value not in current:
                database.set(cls, ref, **{item.name: [*current, value]})

    return add


def _remove(cls: str, item: FieldSpec) -> Function:
    def remove(call: Call, ref: str, value: object) -> None:
        database = call.host.database
        with database.locked():
            current = _list(database.field(cls, ref, item.name))
            if value in current:
                database.set(cls, ref, **{item.name: [one for one in current if one != value]})

    return remove


def _map(value: object) -> dict[object, object]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


WHOLE: dict[str, Callable[[ClassSpec], Function]] = {
    "get_record": _get_record,
    "get_by_uuid": _get_by_uuid,
    "get_by_name_label": _get_by_name_label,
    "get_all": _get_all,
    "get_all_records": _get_all_records,
    "get_all_where": _get_all_where,
    "get_all_records_where": _get_all_records_where,
    "create": _create,
    "destroy": _destroy,
}
BY_VERB: dict[str, Callable[[str, FieldSpec], Function]] = {
    "add_to_": _add_to,
    "remove_from_": _remove_from,
    "set_": _set_field,
    "add_": _add,
    "remove_": _remove,
    "get_": _get_field,
}
