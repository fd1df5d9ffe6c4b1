"""The live facts of servers, read at once; and what of them a plan rests on, as a digest and in words."""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from functools import partial

from pools import connections
from pools.checks.facts import Facts, ServerFacts
from pools.checks.registry import Report
from pools.models import Server
from pools.operations.reading import Reading, all_of
from pools.xapi.endpoint import Endpoint, Login
from pools.xapi.errors import XapiError
from pools.xapi.gateway import DEFAULT, OF_JOINERS, Xapi, open_session
from pools.xapi.inventory import Snapshot
from pools.xapi.limits import LIMITS

Summary = Mapping[str, Mapping[str, Mapping[str, str]]]


def gather(coordinator: Server, joining: Sequence[Server]) -> Facts:
    """Read all servers in parallel; one that cannot be read says why, and hinders no other."""
    read = all_of(begin(coordinator, joining), [coordinator.uuid, *(server.uuid for server in joining)])
    return Facts(coordinator=read[0], joining=tuple(read[1:]))


def begin(coordinator: Server, joining: Sequence[Server]) -> Reading:
    """Begin to read all servers at once.

    Interfaces of VMs are read of those that join: their VMs change networks, the pool's do not.
    """
    ways = connections.ways_to([coordinator, *joining])
    asked = {server.uuid: partial(_read, server, ways[server.uuid], OF_JOINERS) for server in joining}
    return Reading({coordinator.uuid: partial(_read, coordinator, ways[coordinator.uuid], DEFAULT)} | asked)


def _read(server: Server, way: tuple[Endpoint, Login] | XapiError, classes: Collection[str]) -> ServerFacts:
    if isinstance(way, XapiError):
        return unreadable(server, way)
    try:
        with open_session(*way, limits=LIMITS) as xapi:
            return read(server, xapi, classes)
    except XapiError as error:
        return unreadable(server, error)


def read(server: Server, xapi: Xapi, classes: Collection[str] = DEFAULT) -> ServerFacts:
    """Read one server through an open session."""
    tables = xapi.snapshot(classes)
    snapshot = Snapshot.from_wire(tables, xapi.unread)
    return ServerFacts(
        uuid=server.uuid,
        name_label=server.name_label,
        address=server.address,
        snapshot=snapshot,
        clock_skew=xapi.clock_skew(),
        heartbeat_srs=xapi.heartbeat_srs(snapshot.pool.ha_statefiles) if snapshot.pool.ha_enabled else (),
    )


def read_own(server: Server, xapi: Xapi) -> ServerFacts:
    """Read only what ``own`` looks at."""
    snapshot = Snapshot.from_wire({name: xapi.records(name) for name in ("pool", "host")})
    return ServerFacts(uuid=server.uuid, name_label=server.name_label, address=server.address, snapshot=snapshot)


def unreadable(server: Server, error: XapiError) -> ServerFacts:
    """Say that and why a server could not be read."""
    return ServerFacts(
        uuid=server.uuid,
        name_label=server.name_label,
        address=server.address,
        snapshot=Snapshot(),
        error_code=error.code,
        error_params=error.params,
    )


def summary(facts: Facts, report: Report) -> dict[str, dict[str, dict[str, str]]]:
    """Return what a plan rests on: per server the values that matter and the findings; nothing that merely flickers."""
    joining = {server.uuid: own(server) | {"running VMs": running_vms(server)} for server in facts.joining}
    coordinator = facts.coordinator
    servers = {coordinator.uuid: own(coordinator) | dict(coordinator.rests_on)} | joining
    for uuid, values in servers.items():
        values["findings"] = ", ".join(sorted({f.code for f in report.findings if f.subject == uuid}))
    return {"servers": servers}


def own(server: ServerFacts) -> dict[str, str]:
    """Return what a server says of itself."""
    if not server.readable:
        return {"name": server.name_label, "answer": f"none ({server.error_code})"}
    pool, host = server.snapshot.pool, server.host
    return {
        "name": server.name_label,
        "address": host.address or server.address,
        "pool": pool.uuid,
        "pool name": pool.name_label,
        "servers in its pool": ", ".join(sorted(member.name_label for member in server.snapshot.hosts.values())),
        "version": host.software_version.get("product_version", ""),
        "CPU": f"{host.cpu_info.get('vendor', '')} {host.cpu_info.get('modelname', '')}".strip(),
    }


def running_vms(server: ServerFacts) -> str:
    """Name the VMs that run; a joining server may not run any."""
    vms = server.snapshot.vms.values()
    return ", ".join(sorted(vm.name_label for vm in vms if vm.power_state == "Running" and not vm.is_control_domain))


def digest(data: object) -> str:
    """SHA-256 of the canonical JSON."""
    text = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def difference(old: Summary, new: Summary) -> list[str]:
    """Say in words what is not as it was."""
    before, after = old.get("servers", {}), new.get("servers", {})
    said: list[str] = []
    for uuid in sorted(before.keys() | after.keys()):
        said += _differs(before.get(uuid, {}), after.get(uuid, {}))
    return said


def _differs(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    name = before.get("name") or after.get("name") or "a server"
    keys = sorted(before.keys() | after.keys())
    return [
        f"{name}: {key} was {before.get(key) or 'none'}, is now {after.get(key) or 'none'}."
        for key in keys
        if before.get(key, "") != after.get(key, "")
    ]
