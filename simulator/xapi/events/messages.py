"""The message class: custom throughout, for its rows live beside the database."""

from simulator.database import Database, Row
from simulator.schema import DateTime, schema
from simulator.xapi.decoding import wire_time
from simulator.xapi.filters import matching
from simulator.xapi.registry import Call, HostView, message

CLASS_OF = {"Host": "host", "Pool": "pool"}  # `cls` values that differ from the class they mean


def tell(host: HostView, name: str, priority: int, body: str = "") -> None:
    """A message of this host about itself."""
    about = {"cls": "Host", "obj_uuid": host.uuid, "timestamp": wire_time(host.now())}
    host.database.insert("message", {"name": name, "priority": priority, "body": body} | about)


@message("message", "create")
def message_create(call: Call, name: str, priority: int, *about: str) -> str:
    """Class, uuid and body; the object must exist: UUID_INVALID otherwise."""
    cls, obj_uuid, body = about
    of_class = CLASS_OF.get(cls, cls)
    if of_class in schema().classes:
        call.host.database.by_uuid(of_class, obj_uuid)
    return call.host.database.create(
        "message",
        name=name,
        priority=priority,
        cls=cls,
        obj_uuid=obj_uuid,
        body=body,
        timestamp=wire_time(call.host.now()),
    )


@message("message", "destroy")
def message_destroy(call: Call, ref: str) -> None:
    call.host.database.delete("message", ref)


@message("message", "destroy_many")
def message_destroy_many(call: Call, refs: list[str]) -> None:
    for ref in refs:
        call.host.database.delete("message", ref)


@message("message", "get_all")
def message_get_all(call: Call) -> list[str]:
    return call.host.database.refs("message")


@message("message", "get_all_records")
def message_get_all_records(call: Call) -> dict[str, Row]:
    return call.host.database.snapshots("message")


@message("message", "get_all_records_where")
def message_get_all_records_where(call: Call, text: str) -> dict[str, Row]:
    return matching(schema().classes["message"], call.host.database.snapshots("message"), text)


@message("message", "get_record")
def message_get_record(call: Call, ref: str) -> Row:
    return call.host.database.snapshot("message", ref)


@message("message", "get_by_uuid")
def message_get_by_uuid(call: Call, uuid: str) -> str:
    return call.host.database.by_uuid("message", uuid)


@message("message", "get")
def message_get(call: Call, cls: str, obj_uuid: str, since: DateTime) -> dict[str, Row]:
    found = _since(call.host.database, since)
    return {ref: row for ref, row in found.items() if row["cls"] == cls and row["obj_uuid"] == obj_uuid}


@message("message", "get_since")
def message_get_since(call: Call, since: DateTime) -> dict[str, Row]:
    return _since(call.host.database, since)


def _since(database: Database, since: DateTime) -> dict[str, Row]:
    return {ref: row for ref, row in database.snapshots("message").items() if str(row["timestamp"]) >= since}
