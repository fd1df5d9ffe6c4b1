"""Every fact of the world, read and set through the control API (issue's points 4 and 7)."""

from collections.abc import Iterator

import pytest

from simulator.running import Simulation, running
from simulator.scenes.loader import parse
from tests.simulator.rpc import Rpc, XapiFailure
from tests.simulator.waiting import until
from tests.simulator.world.asking import Said, ask, done, listed

SCENE = """
name: facts
hosts:
  - name: one
    vms: [{name: web, power_state: Running, disks: [{name: system}], networks: [Pool-wide network 0]}]
    bonds: [{network: Storage, nics: [eth2, eth3], mode: lacp, ip: 10.8.0.1}]
    cables: {eth0: s/1, eth2: s/2, eth3: s/3}
    srs: [{name: filer, shared: true}]
  - name: two
switches: [{name: s, ports: [{name: "1"}, {name: "2", native: 8}, {name: "3", native: 8, mtu: 1400}]}]
storages: [{name: filer, networks: [Storage]}]
"""


@pytest.fixture(scope="module")
def still() -> Iterator[Simulation]:
    """For what changes nothing."""
    with running(parse(SCENE, "facts.yaml")) as found:
        yield found


@pytest.fixture
def sim() -> Iterator[Simulation]:
    with running(parse(SCENE, "facts.yaml")) as found:
        yield found


def nic(said: Said, device: str) -> Said:
    return next(each for each in listed(said, "nics") if each["device"] == device)


def test_the_whole_world_is_told(sim: Simulation) -> None:
    said = done(sim, "GET", "/world")
    one, two = listed(said, "hosts")
    assert (one["name"], one["powered"], one["answering"], one["reachable"]) == ("one", True, True, True)
    assert nic(one, "eth2")["port"] == "s/2"
    assert nic(two, "eth2")["port"] == "flat"
    bond = next(bridge for bridge in listed(one, "bridges") if bridge["address"] == "10.8.0.1")
    assert (bond["mode"], bond["lit"], bond["passes"]) == ("lacp", ["eth2", "eth3"], 1400)
    (switch,) = listed(said, "switches")
    assert [port["cable"] for port in listed(switch, "ports")] == ["one/eth0", "one/eth2", "one/eth3"]
    assert [storage["online"] for storage in listed(said, "storages")] == [True]
    pool = listed(said, "pools")[0]
    (web,) = (vm for vm in listed(pool, "vms") if vm["name_label"] == "web")
    assert (pool["coordinator"], pool["hosts"], web["host"]) == ("one", ["one"], "one")
    assert {"filer", "Local storage"} <= {str(sr["name_label"]) for sr in listed(pool, "srs")}
    assert [disk["name"] for disk in listed(one, "disks")] == ["sda"]


def test_one_host_is_told_alone(sim: Simulation) -> None:
    assert [host["name"] for host in listed(done(sim, "GET", "/world?host=two"), "hosts")] == ["two"]
    assert done(sim, "GET", "/hosts/two")["name"] == "two"


def test_who_reaches_whom_is_told(sim: Simulation) -> None:
    expected = {"outside": True, "hosts": {"two": True}, "storages": {"filer": True}}
    assert done(sim, "GET", "/hosts/one/reach") == expected
    done(sim, "PATCH", "/switches/s/ports/1", {"native": 5})
    said = done(sim, "GET", "/hosts/one/reach")
    assert (said["outside"], said["hosts"]) == (False, {"two": False})


def test_a_port_and_a_cable_are_set(sim: Simulation) -> None:
    said = done(sim, "PATCH", "/switches/s/ports/1", {"vlans": [10, 20], "lacp": "active", "fallback": False})
    assert (
        listed(said, "ports")[0] | {"vlans": [10, 20], "lacp": "active", "fallback": False} == listed(said, "ports")[0]
    )
    assert not done(sim, "GET", "/hosts/one")["reachable"]
    assert done(sim, "POST", "/hosts/one/cable", {"nic": "eth0", "port": "flat"})["reachable"]
    assert not done(sim, "POST", "/hosts/one/cable", {"nic": "eth0", "port": None})["reachable"]
    assert ask(sim, "POST", "/hosts/one/carrier", {"nic": "eth0", "on": True})[0] == 400
    assert listed(done(sim, "GET", "/switches"), "switches")[0]["name"] == "s"


def test_a_card_is_another_one(sim: Simulation) -> None:
    said = done(sim, "PATCH", "/hosts/two/nics/eth1", {"speed": 1000, "vendor": "Broadcom"})
    assert (nic(said, "eth1")["speed"], nic(said, "eth1")["vendor"]) == (1000, "Broadcom")
    rpc = Rpc(sim.host("two"))
    pifs = rpc.call("PIF.get_all_records_where", 'field "device"="eth1"')
    assert isinstance(pifs, dict)
    (pif,) = pifs.values()
    until(lambda: rpc.call("PIF_metrics.get_speed", pif["metrics"]) == 1000)


def test_cards_come_and_go(sim: Simulation) -> None:
    said = done(sim, "POST", "/hosts/two/nics", {"device": "eth4", "speed": 25000})
    assert (nic(said, "eth4")["carrier"], nic(said, "eth4")["port"]) == (True, "flat")
    rpc = Rpc(sim.host("two"))
    rpc.call("PIF.scan", sim.host("two").ref)
    assert len(rpc.call("PIF.get_all")) == 5  # type: ignore[arg-type]
    assert ask(sim, "POST", "/hosts/two/nics", {"device": "eth4"})[0] == 400
    said = done(sim, "DELETE", "/hosts/two/nics/eth0")
    assert [each["device"] for each in listed(said, "nics")] == ["eth1", "eth2", "eth3", "eth4"]
    assert not said["reachable"]


def test_power_toolstack_and_reboot(sim: Simulation) -> None:
    two = sim.host("two")
    assert not done(sim, "POST", "/hosts/two/power", {"on": False})["powered"]
    assert done(sim, "POST", "/hosts/two/power", {"on": True})["powered"]
    until(lambda: two.settled)
    for path in ("toolstack", "reboot"):
        old = Rpc(two)
        assert old.session
        life = two.life
        done(sim, "POST", f"/hosts/two/{path}")
        until(lambda life=life: two.life is not life and two.settled)  # type: ignore[misc]
        with pytest.raises(XapiFailure, match="SESSION_INVALID"):
            old.call("pool.get_all")


def test_clock_certificate_and_password(sim: Simulation) -> None:
    two = sim.host("two")
    before = two.certificate.fingerprint()
    assert done(sim, "POST", "/hosts/two/clock", {"skew": -30})["clock_skew"] == -30
    assert done(sim, "POST", "/hosts/two/certificate")["certificate_sha256"] != before
    old = two.password
    done(sim, "POST", "/hosts/two/password", {"password": "another"})
    with pytest.raises(XapiFailure, match="SESSION_AUTHENTICATION_FAILED"):
        Rpc(two).bare("session.login_with_password", "root", old)
    assert Rpc(two).bare("session.login_with_password", "root", "another")


def test_hardware_software_and_order_are_noticed_at_the_next_start(sim: Simulation) -> None:
    two = sim.host("two")
    done(sim, "POST", "/hosts/two/hardware", {"cpu": "rome", "memory_gib": 32, "sockets": 1})
    done(sim, "POST", "/hosts/two/software", {"xapi_build": "25.6.0"})
    said = done(sim, "POST", "/hosts/two/nic_order", {"eth2": 3, "eth3": 2})
    assert [each["position"] for each in listed(said, "nics")] == [0, 1, 3, 2]
    life = two.life
    done(sim, "POST", "/hosts/two/toolstack")
    until(lambda: two.life is not life and two.settled)
    record = Rpc(two).record("host", two.ref)
    assert isinstance(record["cpu_info"], dict)
    assert isinstance(record["software_version"], dict)
    assert (record["cpu_info"]["vendor"], record["cpu_info"]["socket_count"]) == ("AuthenticAMD", "1")
    assert record["software_version"]["xapi_build"] == "25.6.0"
    assert Rpc(two).call("host_metrics.get_memory_total", record["metrics"]) == 32 * 1024**3


def test_a_filer_goes_offline(sim: Simulation) -> None:
    assert not done(sim, "PATCH", "/storages/filer", {"online": False})["online"]
    assert done(sim, "GET", "/hosts/one/reach")["storages"] == {"filer": False}


def test_time_can_be_shortened(sim: Simulation) -> None:
    assert done(sim, "PATCH", "/timing", {"heartbeat": 7})["heartbeat"] == 7
    assert done(sim, "GET", "/timing")["heartbeat"] == 7


@pytest.mark.parametrize(
    ("verb", "path", "body", "status"),
    [
        ("GET", "/world?host=nobody", None, 404),
        ("GET", "/hosts/nobody/reach", None, 404),
        ("PATCH", "/switches/none/ports/1", {"native": 5}, 404),
        ("PATCH", "/switches/s/ports/9", {"native": 5}, 404),
        ("PATCH", "/switches/s/ports/1", {"native": 4095}, 400),
        ("PATCH", "/switches/s/ports/1", {"colour": "red"}, 400),
        ("PATCH", "/switches/s/ports/1", {"name": "2"}, 400),
        ("POST", "/hosts/two/cable", {"nic": "eth0", "port": "s/1"}, 400),
        ("POST", "/hosts/one/cable", {"nic": "eth0", "port": "s/9"}, 404),
        ("POST", "/hosts/one/cable", {"nic": "eth0", "port": 9}, 400),
        ("PATCH", "/hosts/one/nics/eth0", {"carrier": False}, 400),
        ("PATCH", "/hosts/one/nics/eth0", {"speed": "fast"}, 400),
        ("PATCH", "/hosts/one/disks/sdz", {"full": True}, 404),
        ("PATCH", "/hosts/one/disks/sda", {"full": 1}, 400),
        ("PATCH", "/storages/none", {"online": False}, 404),
        ("PATCH", "/storages/filer", {"online": "no"}, 400),
        ("POST", "/hosts/one/clock", {"skew": "x"}, 400),
        ("POST", "/hosts/one/password", {"password": ""}, 400),
        ("POST", "/hosts/one/hardware", {"cpu": "z80"}, 400),
        ("POST", "/hosts/one/hardware", {"cores": -1}, 400),
        ("POST", "/hosts/one/software", {"xapi": 25}, 400),
        ("POST", "/hosts/one/nic_order", {"eth0": 1, "eth1": 1}, 400),
        ("POST", "/hosts/one/nic_order", {"eth9": 1}, 404),
        ("PATCH", "/timing", {"tea": 5}, 400),
        ("PATCH", "/timing", {"heartbeat": -1}, 400),
    ],
)
def test_what_makes_no_sense_is_refused(still: Simulation, verb: str, path: str, body: object, status: int) -> None:
    found, said = ask(still, verb, path, body)
    assert found == status
    assert said["error"]
