"""Keeping a connection: proved before it is stored, and what is let go is let go of."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as StillWaiting
from contextlib import suppress

import pytest
from django.db import connections as databases
from django.db import transaction
from pytest_django import Settings

from pools import connections, inventories
from pools.models import AuditEntry, Credential, Pool, Server
from pools.services import approvals, keeping, operations, wizards
from pools.services.errors import ResourceBusy, WrongState
from pools.xapi.endpoint import Login
from pools.xapi.errors import CertificateChanged, XapiError
from pools.xapi.tls import fetch_certificate
from tests.fixtures.lab import Lab
from tests.pools.connected import connected

WRONG = Login(username="root", password="wrong")


def right(lab: Lab) -> Login:
    host = lab.sim.hosts[0]
    return Login(username=host.username, password=host.password)


def test_a_login_that_works_replaces_the_stored_one(lab: Lab) -> None:
    pool = lab.coordinator.pool
    connections.save_login(pool, WRONG, None)
    keeping.renew_login(pool=pool, login=right(lab), user=lab.owner)
    assert connections.login_of(pool).password == lab.sim.hosts[0].password
    assert AuditEntry.objects.filter(action="login.renewed", pool=pool).exists()


def test_a_login_that_is_refused_changes_nothing(lab: Lab) -> None:
    pool = lab.coordinator.pool
    with pytest.raises(XapiError, match="SESSION_AUTHENTICATION_FAILED"):
        keeping.renew_login(pool=pool, login=WRONG, user=lab.owner)
    assert connections.login_of(pool).password == lab.sim.hosts[0].password
    assert not AuditEntry.objects.filter(action="login.renewed").exists()


def test_a_login_that_cannot_be_tried_is_not_said_to_work(lab: Lab) -> None:
    pool = lab.coordinator.pool
    Pool.objects.filter(pk=pool.pk).update(coordinator=None)
    with pytest.raises(WrongState, match="nothing was stored"):
        keeping.renew_login(pool=Pool.objects.get(pk=pool.pk), login=WRONG, user=lab.owner)
    assert connections.login_of(pool).password == lab.sim.hosts[0].password


def test_a_login_given_while_the_pool_is_let_go_is_not_kept(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    pool, server = lab.coordinator.pool, lab.coordinator

    def slowly(*_args: object) -> bool:
        keeping.disconnect(pool=Pool.objects.get(pk=pool.pk), user=lab.owner)
        return True

    monkeypatch.setattr(keeping, "signs_in", slowly)
    with pytest.raises(WrongState, match="not managed here any more"):
        keeping.renew_pin(server=server, pin=server.pin, login=right(lab), user=lab.owner)
    assert not Credential.objects.filter(pool=pool).exists()


def test_a_new_certificate_changes_nothing_else_of_the_server(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    server = lab.coordinator

    def slowly(*_args: object) -> bool:
        Server.objects.filter(pk=server.pk).update(name_label="Renamed")
        return True

    monkeypatch.setattr(keeping, "signs_in", slowly)
    keeping.renew_pin(server=server, pin="1" * 64, login=right(lab), user=lab.owner)
    stored = Server.objects.get(pk=server.pk)
    assert (stored.pin, stored.name_label) == ("1" * 64, "Renamed")


def test_a_new_certificate_is_trusted_only_as_it_was_shown(lab: Lab) -> None:
    server, host = lab.coordinator, lab.sim.hosts[0]
    old = server.pin
    lab.sim.fault("certificate_replaced", host=host.name)
    shown = fetch_certificate(host.address, host.port).sha256
    with pytest.raises(CertificateChanged):
        keeping.renew_pin(server=server, pin="0" * 64, login=right(lab), user=lab.owner)
    assert Server.objects.get(pk=server.pk).pin == old
    keeping.renew_pin(server=server, pin=shown, login=right(lab), user=lab.owner)
    stored = Server.objects.get(pk=server.pk)
    assert (stored.pin, stored.refused_pin, stored.pinned_by) == (shown, "", lab.owner)
    assert AuditEntry.objects.get(action="certificate.renewed").data == {"old": old, "new": shown}


def test_a_members_certificate_is_trusted_without_storing_a_login_that_it_does_not_look_at(lab: Lab) -> None:
    lab.succeeded()
    member, host = Server.objects.get(pk=lab.servers[1].pk), lab.sim.hosts[1]
    lab.sim.fault("certificate_replaced", host=host.name)
    shown = fetch_certificate(host.address, host.port).sha256
    keeping.renew_pin(server=member, pin=shown, login=WRONG, user=lab.owner)
    assert Server.objects.get(pk=member.pk).pin == shown
    assert connections.login_of(member.pool).password == lab.sim.hosts[0].password


def test_a_refused_login_leaves_the_old_certificate_trusted(lab: Lab) -> None:
    server, host = lab.coordinator, lab.sim.hosts[0]
    lab.sim.fault("certificate_replaced", host=host.name)
    shown = fetch_certificate(host.address, host.port).sha256
    with pytest.raises(XapiError, match="SESSION_AUTHENTICATION_FAILED"):
        keeping.renew_pin(server=server, pin=shown, login=WRONG, user=lab.owner)
    assert Server.objects.get(pk=server.pk).pin == server.pin


def test_a_stored_password_never_goes_to_a_new_certificate(lab: Lab) -> None:
    pool = lab.coordinator.pool
    lab.sim.fault("certificate_replaced", host=lab.sim.hosts[0].name)
    lab.sim.world.calllog.clear()
    assert inventories.refresh(pool).error_code == "XENWEB_CERTIFICATE_CHANGED"
    assert lab.sim.calls() == []
    assert Server.objects.get(pk=lab.coordinator.pk).refused_pin


def test_a_pool_let_go_leaves_no_login_and_its_history(lab: Lab) -> None:
    operation = lab.succeeded()
    pool = Pool.objects.get(pk=lab.coordinator.pool_id)
    keeping.disconnect(pool=pool, user=lab.owner)
    assert not Credential.objects.filter(pool=pool).exists()
    assert not pool.servers.exists()
    assert not Pool.objects.current().filter(pk=pool.pk).exists()
    operation.refresh_from_db()
    assert operation.pool == pool


def test_a_pool_that_is_worked_on_is_kept(lab: Lab) -> None:
    operation = lab.started()
    with pytest.raises(ResourceBusy) as refused:
        keeping.disconnect(pool=lab.servers[1].pool, user=lab.owner)
    assert refused.value.holder == operation
    assert Server.objects.count() == 2


def test_a_server_that_is_let_go_is_chosen_nowhere_any_more(lab: Lab) -> None:
    operation = lab.planned()
    keeping.disconnect(pool=lab.servers[1].pool, user=lab.owner)
    operation.refresh_from_db()
    assert (operation.state, operation.plan_hash, operation.report) == ("draft", "", {})
    assert (operation.draft["servers"], operation.pool) == ([lab.coordinator.uuid], lab.coordinator.pool)
    assert wizards.next_page(operation) == "servers"


def test_a_coordinator_that_is_let_go_leaves_its_authors_draft(lab: Lab) -> None:
    operation = lab.draft()
    keeping.disconnect(pool=lab.coordinator.pool, user=lab.owner)
    operation.refresh_from_db()
    assert (operation.draft["coordinator"], operation.pool) == ("", None)
    assert operation.draft["name"] == "One"


def test_a_server_that_a_request_needs_is_kept_until_it_is_decided(lab: Lab) -> None:
    operation = lab.planned()
    approvals.ask(operation=operation, user=lab.owner)
    with pytest.raises(WrongState, match="Decide or withdraw the request first"):
        keeping.disconnect(pool=lab.servers[1].pool, user=lab.owner)
    assert Server.objects.count() == 2


def test_the_audit_names_a_standalone_server_that_was_let_go(lab: Lab) -> None:
    keeping.disconnect(pool=lab.servers[1].pool, user=lab.owner)
    assert AuditEntry.objects.get(action="pool.disconnected").subject == lab.servers[1].name_label


def test_a_visit_under_way_brings_nothing_back(lab: Lab, settings: Settings) -> None:
    settings.LAB = lab.sim.as_line()
    lab.succeeded()
    pool = Pool.objects.get(pk=lab.coordinator.pool_id)
    with connections.connect_pool(pool) as xapi:
        reading = inventories.read(xapi, pool)
    keeping.disconnect(pool=Pool.objects.get(pk=pool.pk), user=lab.owner)
    inventories.store(pool, reading)
    assert Server.objects.count() == 0
    assert connected(lab.sim.hosts[0]).servers.count() == 2


def test_an_operation_that_goes_on_meanwhile_keeps_its_servers(lab: Lab) -> None:
    operation = lab.run_steps(lab.started(), 1)
    operations.stop(operation=operation, user=lab.owner)
    pool = Pool.objects.get(pk=lab.servers[1].pool_id)
    with ThreadPoolExecutor(1) as other, transaction.atomic():
        operations.resume(operation=operation, user=lab.owner)
        disconnecting = other.submit(elsewhere, lambda: keeping.disconnect(pool=pool, user=lab.owner))
        given_time(disconnecting)
    with pytest.raises(ResourceBusy):
        disconnecting.result()
    assert Server.objects.count() == 2


def elsewhere(work: Callable[[], None]) -> None:
    """Work as another process would, with its own connection."""
    try:
        work()
    finally:
        databases.close_all()


def given_time(work: Future[None]) -> None:
    """Let the other one come as far as it can before our transaction ends."""
    with suppress(StillWaiting):
        work.exception(timeout=0.5)
