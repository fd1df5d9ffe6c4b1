"""A 16-server pool through the product, against the same calls by a minimal script (budget: 1.15 on ``fast``)."""

import argparse
import ssl
import statistics
import time
from typing import TYPE_CHECKING, Final

from benchmarks import _product
from benchmarks._product import Host

if TYPE_CHECKING:
    import XenAPI

    from pools.models import Operation, Server, User

SCENE: Final = "sixteen-standalone"
BUDGETS: Final = {"fast": 1.15, "real": 1.02}
LOOK_EVERY: Final = 0.01
GIVE_UP: Final = 3600
GIVE_UP_PROOF: Final = 300


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="orchestrate", description=__doc__)
    parser.add_argument("--profile", choices=["instant", "fast", "real"], default="fast")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args(argv)
    with _product.product(), _product.workers():
        rounds = [measure(options.profile, number) for number in range(options.rounds)]
    script = statistics.median(raw for raw, _ in rounds)
    xenweb = statistics.median(ours for _, ours in rounds)
    ratio = xenweb / script
    print(f"profile {options.profile}, 16 servers, median of {options.rounds}")
    print(f"script  {script:7.2f} s\nxenweb  {xenweb:7.2f} s\nratio   {ratio:7.3f}")
    budget = BUDGETS.get(options.profile)
    return 0 if budget is None or ratio <= budget else 1


def measure(profile: str, number: int) -> tuple[float, float]:
    """Make the pool once by script and once by xenweb, each on a fresh lab."""
    with _product.lab(SCENE, profile) as hosts:
        raw = by_script(hosts)
    with _product.lab(SCENE, profile) as hosts:
        ours = by_xenweb(hosts)
    print(f"round {number + 1}: script {raw:.2f} s, xenweb {ours:.2f} s")
    return raw, ours


def by_script(hosts: list[Host]) -> float:
    """Name the pool; for each server join, wait for the task, wait until it is enabled, and look at what came of it."""
    began = time.monotonic()
    first, *others = hosts
    coordinator = signed_in(first)
    pool = coordinator.xenapi.pool.get_all()[0]
    coordinator.xenapi.pool.set_name_label(pool, "One")
    coordinator.xenapi.pool.set_name_description(pool, "The first")
    for host in others:
        joiner = signed_in(host)
        me = joiner.xenapi.host.get_uuid(joiner.xenapi.session.get_this_host(joiner.handle))
        task = joiner.xenapi.Async.pool.join(first["address"], first["username"], first["password"])
        while joiner.xenapi.task.get_status(task) == "pending":
            time.sleep(LOOK_EVERY)
        while not is_at_work(coordinator, me):
            time.sleep(LOOK_EVERY)
        prove(coordinator, first, host)
    coordinator.xenapi.host.get_all_records()
    return time.monotonic() - began


def prove(coordinator: "XenAPI.Session", first: Host, host: Host) -> None:
    """Look at what a careful person looks at: the new password, the networks, the storage, the VMs."""
    import XenAPI

    member, began = unsigned(host), time.monotonic()
    while time.monotonic() - began < GIVE_UP_PROOF:
        try:
            member.slave_local_login_with_password(first["username"], first["password"])
            break
        except (XenAPI.Failure, OSError):
            time.sleep(LOOK_EVERY)
    for name in ("host", "PIF", "Bond", "VLAN", "network", "PBD", "SR", "VM"):
        getattr(coordinator.xenapi, name).get_all_records()


def is_at_work(coordinator: "XenAPI.Session", uuid: str) -> bool:
    host = coordinator.xenapi.host.get_by_uuid(uuid)
    return bool(coordinator.xenapi.host.get_enabled(host))


def signed_in(host: Host) -> "XenAPI.Session":
    """The package as everybody uses it."""
    session = unsigned(host)
    session.xenapi.login_with_password(host["username"], host["password"])
    return session


def unsigned(host: Host) -> "XenAPI.Session":
    import XenAPI

    context = ssl._create_unverified_context()  # noqa: S323, SLF001 - the lab's certificates are self-signed
    url = f"https://{host['address']}:{host['port']}"
    return XenAPI.Session(url, transport=XenAPI.xmlrpclib.SafeTransport(context=context))


def by_xenweb(hosts: list[Host]) -> float:
    """Connect and plan as a person would; the clock runs from the start to the success."""
    from pools.models import OperationState
    from pools.services import operations

    operation = operations.make_plan(operation=draft(hosts), user=owner())
    began = time.monotonic()
    operations.start(operation=operation, user=owner())
    while operation.state not in {OperationState.SUCCEEDED, OperationState.OPEN_POINTS, OperationState.NEEDS_ATTENTION}:
        time.sleep(LOOK_EVERY)
        operation.refresh_from_db()
        if time.monotonic() - began > GIVE_UP:
            break
    took = time.monotonic() - began
    if operation.state != OperationState.SUCCEEDED:
        raise SystemExit("\n".join(entry.text for entry in operation.journal.all() if entry.text))
    tell_steps(operation)
    return took


def tell_steps(operation: "Operation") -> None:
    """Say where the time went: the median of each kind of step."""
    took: dict[str, list[float]] = {}
    for step in operation.steps.all():
        if step.started_at and step.finished_at:
            took.setdefault(step.kind, []).append((step.finished_at - step.started_at).total_seconds())
    for kind, seconds in took.items():
        print(f"  {kind:16} {len(seconds):3} x {statistics.median(seconds):6.3f} s")


def owner() -> "User":
    from pools.models import Grant, Role, User

    person, made = User.objects.get_or_create(username="bench")
    if made:
        Grant.objects.create(user=person, role=Role.OWNER)
    return person


def draft(hosts: list[Host]) -> "Operation":
    """Connect every server and choose them all."""
    from pools.models import Attempt, Operation, Pool, Server

    Attempt.objects.all().delete()
    Pool.objects.all().delete()
    servers = [connected(host) for host in hosts]
    uuids = [server.uuid for server in servers]
    operation = Operation.objects.create(kind="pool_create", created_by=owner(), pool=servers[0].pool)
    operation.servers.set(Server.objects.filter(uuid__in=uuids))
    operation.draft = {"servers": uuids, "coordinator": uuids[0], "name": "One", "description": "The first"}
    operation.save()
    return operation


def connected(host: Host) -> "Server":
    """Pin, sign in, read, store: what the Connect page does."""
    from pools import connections, inventories
    from pools.xapi.endpoint import Endpoint, Login
    from pools.xapi.gateway import open_session
    from pools.xapi.tls import fetch_certificate

    address, port = host["address"], int(host["port"])
    login = Login(username=host["username"], password=host["password"])
    pin = fetch_certificate(address, port).sha256
    with open_session(Endpoint(address=address, port=port, pin=pin), login) as xapi:
        pool = inventories.adopt(xapi, user=owner())
    connections.save_login(pool, login, owner())
    return pool.servers.get()
