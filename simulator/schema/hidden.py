"""Messages that the published model leaves out and xapi serves all the same (hide_from_docs in datamodel*.ml)."""

from simulator.schema.schema import VOID, MessageSpec, ParameterSpec
from simulator.schema.types import Type

HOST = ("host", Type("ref", "host"))
TEXT, FLAG, NUMBER = Type("string"), Type("bool"), Type("int")
ROOT_ONLY = "local-root-only"


def _spec(
    name: str, *parameters: tuple[str, Type], result: Type = VOID, role: str = ROOT_ONLY, asynchronous: bool = False
) -> MessageSpec:
    given = tuple(ParameterSpec(*item) for item in parameters)
    return MessageSpec(name=name, parameters=given, result=result, role=role, asynchronous=asynchronous)


HIDDEN: dict[str, MessageSpec] = {
    "pool.is_slave": _spec("is_slave", HOST, result=FLAG, role="pool-admin"),
    "pool.hello": _spec("hello", ("host_uuid", TEXT), ("host_address", TEXT), result=TEXT),
    "host.is_in_emergency_mode": _spec("is_in_emergency_mode", result=FLAG, role="read-only"),
    "host.request_backup": _spec("request_backup", HOST, ("generation", NUMBER), ("force", FLAG)),
    "host.propose_new_master": _spec("propose_new_master", ("address", TEXT), ("manual", FLAG)),
    "host.commit_new_master": _spec("commit_new_master", ("address", TEXT)),
    "host.abort_new_master": _spec("abort_new_master", ("address", TEXT)),
    "host.local_assert_healthy": _spec("local_assert_healthy"),
    "host.reset_networking": _spec("reset_networking", HOST, role="pool-operator"),
    "host.sync_vlans": _spec("sync_vlans", HOST, role="pool-operator"),
    "host.sync_tunnels": _spec("sync_tunnels", HOST, role="pool-operator"),
    "network.attach": _spec(
        "attach", ("network", Type("ref", "network")), HOST, role="pool-operator", asynchronous=True
    ),
}
