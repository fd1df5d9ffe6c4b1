"""Bad input and bad days on the Connect page: each wrong line is named, and no server spoils another."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from django.test import Client
from pytest_django import Settings

from pools.models import Probe, ProbeState, Role, User
from pools.services import probing
from simulator.running import Simulation, running
from simulator.world.host import HostMachine
from tests.fixtures.people import SignIn, make_person

pytestmark = pytest.mark.django_db(transaction=True)

GIVEN = {"username": "root", "password": "a very secret word"}


@pytest.fixture
def sim(settings: Settings) -> Iterator[Simulation]:
    with running("two-standalone") as found:
        settings.LAB = found.as_line()
        yield found


@pytest.fixture
def anna(transactional_db: None) -> User:
    return make_person("anna", Role.ADMINISTRATOR)


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
