"""Bad input and bad days on the Connect page: each wrong line is named, and no server spoils another."""

import logging
from uuid import UUID

import pytest
import redis
from django.test import Client

from pools.models import AuditEntry, Probe, ProbeState, Role, User
from pools.services import probing
from simulator.running import Simulation
from simulator.world.host import HostMachine
from tests.fixtures.people import SignIn, make_person
from tests.pools.canary import keys_with, make_canary, rows_with

pytestmark = pytest.mark.django_db(transaction=True)

GIVEN = {"username": "root", "password": "a very secret word"}


@pytest.fixture
def visitor(anna: User, sign_in: SignIn) -> Client:
    return sign_in(anna)


def line(host: HostMachine, password: str = "") -> str:
    return f"{host.address}:{host.port} {host.username} {password or host.password}"


def begun(visitor: Client, *lines: str) -> str:
    """Paste addresses and let the worker look; returns the address of the results."""
    answer = visitor.post("/connect/", {"addresses": "\n".join(lines)})
    assert answer.status_code == 302, answer.content.decode()
    work(answer.headers["Location"])
    return answer.headers["Location"]


def work(page: str) -> None:
    """Do what the worker does until nothing waits."""
    batch = UUID(page.strip("/").split("/")[1])
    while Probe.objects.filter(batch=batch, state=ProbeState.WAITING).exists():
        probing.examine_batch(str(batch))
    for probe in Probe.objects.filter(batch=batch, state=ProbeState.ADDING):
        probing.examine(probe.pk)


def trust(visitor: Client, page: str, **changed: str) -> None:
    """Tick every certificate as it is shown."""
    shown = {f"pin-{probe.pk}": probe.pin for probe in Probe.objects.filter(state=ProbeState.TRUST)}
    ticked = [str(pk) for pk in Probe.objects.values_list("pk", flat=True)]
    visitor.post(f"{page}trust/", {"probe": ticked, **shown, **changed})
    work(page)


def text(visitor: Client, page: str) -> str:
    return visitor.get(page).content.decode()


@pytest.mark.parametrize(
    ("addresses", "sentence"),
    [
        ("", "Servers is required|This field is required|Give at least one address"),
        ("# a comment only\n\n", "Give at least one address."),
        ("10.0.0.1\n\nhttps://10.0.0.2/", "Line 3 does not begin with an address."),
        ("10.0.0.1\n10.0.0.2:443:9", "Line 2 does not begin with an address."),
        ("10.0.0.1\n10.0.0.2:99999", "Line 2 has a port that does not exist: 99999."),
        ("10.0.0.1\n10.0.0.2 root", "Line 2 has a user name but no password."),
        (f"10.0.0.1\n{'x' * 300}", "Line 2 does not begin with an address."),
        ("10.0.0.1\n10.0.0.2\u202e", "Line 2 does not begin with an address."),
        (f"10.0.0.1 {'u' * 256} secret", "Line 1 has a user name of more than 255 characters."),
        ("\n".join(f"10.0.{n // 200}.{n % 200}" for n in range(257)), "at most 256 addresses at a time; these are 257"),
    ],
)
def test_a_wrong_line_is_named_and_nothing_typed_is_lost(visitor: Client, addresses: str, sentence: str) -> None:
    answer = visitor.post("/connect/", {"addresses": addresses, **GIVEN})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert any(part in page for part in sentence.split("|"))
    assert all(each in page for each in addresses.split() if "http" not in each)
    assert GIVEN["password"] not in page
    assert not Probe.objects.exists()


def test_a_line_too_many_is_counted_without_comments_and_blanks(sim: Simulation, visitor: Client) -> None:
    lines = [f"# {n}\n\n{line(sim.hosts[0])}" for n in range(100)]
    assert visitor.post("/connect/", {"addresses": "\n".join(lines)}).status_code == 302
    assert Probe.objects.count() == 1


def test_an_address_that_is_refused_says_why_and_hinders_no_other(sim: Simulation, visitor: Client) -> None:
    page = begun(visitor, "169.254.169.254 root x", "a..b root x", line(sim.hosts[0]))
    shown = text(visitor, page)
    assert "not a server of the practice lab" in shown
    assert "1 certificate to confirm · 2 failed" in shown


def test_what_is_not_ticked_is_not_trusted(sim: Simulation, visitor: Client) -> None:
    page = begun(visitor, *map(line, sim.hosts))
    first, second = Probe.objects.all()
    visitor.post(f"{page}trust/", {"probe": first.pk, f"pin-{first.pk}": first.pin, f"pin-{second.pk}": second.pin})
    assert set(Probe.objects.filter(trusted=True)) == {first}


def test_a_wrong_password_is_told_with_what_to_do(sim: Simulation, visitor: Client) -> None:
    page = begun(visitor, line(sim.hosts[0], "wrong"), line(sim.hosts[1]))
    trust(visitor, page)
    shown = text(visitor, page)
    assert "1 server ready · 1 failed" in shown
    assert "Look again" in shown


def rejected(visitor: Client, *hosts: HostMachine) -> tuple[str, Probe]:
    """Connect servers, the first one with a wrong password; returns the page and its row."""
    page = begun(visitor, line(hosts[0], "wrong"), *map(line, hosts[1:]))
    trust(visitor, page)
    return page, Probe.objects.get(state=ProbeState.FAILED)


def give_login(visitor: Client, page: str, probe: Probe, password: str, username: str = "root") -> tuple[int, str]:
    typed = {f"probe-{probe.pk}-username": username, f"probe-{probe.pk}-password": password}
    answer = visitor.post(f"{page}{probe.pk}/login/", typed, follow=True)
    return answer.status_code, answer.content.decode()


def test_a_wrong_password_is_mended_in_its_row_and_the_others_keep_what_they_have(
    sim: Simulation, visitor: Client
) -> None:
    page, probe = rejected(visitor, *sim.hosts)
    assert text(visitor, page).count("Try this login") == 1
    other = Probe.objects.exclude(pk=probe.pk).values().get()
    assert give_login(visitor, page, probe, sim.hosts[0].password, sim.hosts[0].username)[0] == 200
    work(page)
    probe.refresh_from_db()
    assert (probe.state, probe.trusted, probe.error_code) == (ProbeState.READY, True, "")
    assert Probe.objects.exclude(pk=probe.pk).values().get() == other
    assert AuditEntry.objects.get(action="login.tried").subject == probe.address
    assert "Try this login" not in text(visitor, page)


def test_a_login_without_a_password_is_asked_for_again(sim: Simulation, visitor: Client) -> None:
    page, probe = rejected(visitor, sim.hosts[0])
    status, shown = give_login(visitor, page, probe, "", "admin")
    assert status == 422
    assert "This field is required." in shown
    assert 'value="admin"' in shown
    probe.refresh_from_db()
    assert probe.state == ProbeState.FAILED


def test_a_second_wrong_password_is_nowhere_in_clear(
    sim: Simulation, visitor: Client, caplog: pytest.LogCaptureFixture, valkey: redis.Redis
) -> None:
    caplog.set_level(logging.DEBUG)
    secret = make_canary()
    page, probe = rejected(visitor, sim.hosts[0])
    give_login(visitor, page, probe, secret)
    work(page)
    probe.refresh_from_db()
    assert probe.error_code == "SESSION_AUTHENTICATION_FAILED"
    assert secret not in text(visitor, page) + text(visitor, "/audit/") + caplog.text
    assert rows_with(secret) == keys_with(secret, valkey) == []


def test_no_login_is_taken_for_what_did_not_refuse_one(sim: Simulation, visitor: Client) -> None:
    page = begun(visitor, "169.254.169.254 root x", line(sim.hosts[0]))
    for probe in Probe.objects.all():
        assert "Nothing was sent" in give_login(visitor, page, probe, "secret")[1]
    assert "Try this login" not in text(visitor, page)
    assert {probe.state for probe in Probe.objects.all()} == {ProbeState.FAILED, ProbeState.TRUST}


def test_nothing_can_be_typed_while_the_table_is_replaced(sim: Simulation, visitor: Client) -> None:
    page, probe = rejected(visitor, *sim.hosts)
    Probe.objects.exclude(pk=probe.pk).update(state=ProbeState.PROBING)
    assert "Try this login" not in text(visitor, page)


def test_a_new_login_goes_to_no_other_certificate(sim: Simulation, visitor: Client) -> None:
    page, probe = rejected(visitor, sim.hosts[0])
    sim.fault("certificate_replaced", host=sim.hosts[0].name)
    asked = len(sim.calls())
    give_login(visitor, page, probe, sim.hosts[0].password)
    work(page)
    probe.refresh_from_db()
    assert probe.error_code == "XENWEB_CERTIFICATE_CHANGED"
    assert len(sim.calls()) == asked


def test_a_login_for_an_address_of_somebody_else_is_not_taken(
    sim: Simulation, visitor: Client, sign_in: SignIn
) -> None:
    page, probe = rejected(visitor, sim.hosts[0])
    other = sign_in(make_person("other", Role.OWNER))
    assert give_login(other, page, probe, sim.hosts[0].password)[0] == 404


def test_only_administrators_of_the_estate_connect(bob: User, sign_in: SignIn) -> None:
    assert sign_in(bob).get("/connect/").status_code == 403
    assert sign_in(bob).post("/connect/", {"addresses": "10.0.0.1", **GIVEN}).status_code == 403
    assert not Probe.objects.exists()


@pytest.mark.parametrize("hostile", ["<img src=x onerror=alert(1)>", "\u202egnp.exe", "x" * 100_000])
def test_what_a_hostile_server_says_is_shown_as_text(hostile: str, visitor: Client, anna: User) -> None:
    said = {"role": "coordinator", "host_name": hostile, "pool_name": hostile, "brand": hostile, "cpu_model": hostile}
    probe = Probe.objects.create(address="10.0.0.1", login=b"x", owner=anna, state="ready", result=said)
    failed = {"state": "failed", "error_code": "ODD", "error_params": [hostile]}
    Probe.objects.create(batch=probe.batch, address="10.0.0.2", login=b"x", owner=anna, **failed)
    shown = text(visitor, f"/connect/{probe.batch}/")
    assert "<img src=x" not in shown
    assert "\u202e" not in shown
    assert "x" * 1000 not in shown


def test_who_looks_at_servers_again_and_again_has_to_wait(visitor: Client, sim: Simulation) -> None:
    for _ in range(10):
        assert visitor.post("/connect/lab/").status_code == 302
    known = Probe.objects.count()
    answer = visitor.post("/connect/", {"addresses": line(sim.hosts[0]), **GIVEN})
    assert answer.status_code == 422
    assert "Wait a minute" in answer.content.decode()
    assert "Wait a minute" in visitor.post("/connect/lab/", follow=True).content.decode()
    assert Probe.objects.count() == known
