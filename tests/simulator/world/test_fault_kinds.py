"""Every fault by name, set through the control API, and what a client then sees (issue's point 6)."""

import http.client
import ssl
from collections.abc import Callable, Iterator

import pytest

from simulator.running import Simulation, running
from simulator.scenes.loader import parse
from simulator.world.faults import kinds
from tests.simulator.rpc import Host, Rpc, XapiFailure, send_raw
from tests.simulator.waiting import until
from tests.simulator.world.asking import done

POOL = """
name: faults
hosts:
  - name: one
    srs: [{name: filer, type: nfs, shared: true}]
    vms: [{name: web, power_state: Running, disks: [{name: system, sr: filer}], networks: [Pool-wide network 2]}]
  - name: two
  - name: alone
pools: [{name: Pool, master: one, members: [two]}]
"""
CUT = (ConnectionError, ssl.SSLError, http.client.RemoteDisconnected)


@pytest.fixture
def sim() -> Iterator[Simulation]:
    with running(parse(POOL, "faults.yaml")) as found:
        yield found


@pytest.fixture
def rpc(sim: Simulation) -> Rpc:
    """A client of the pool that has logged in."""
    found = Rpc(sim.host("one"))
    assert found.session
    return found


def strike(sim: Simulation, kind: str, **where: object) -> None:
    done(sim, "POST", "/faults", {"kind": kind} | where)


def ref(rpc: Rpc, cls: str, name: str) -> str:
    found = rpc.call(f"{cls}.get_by_name_label", name)
    assert isinstance(found, list)
    return str(found[0])


def pif(rpc: Rpc, host: str, device: str) -> str:
    owner = ref(rpc, "host", host)
    records = rpc.call("PIF.get_all_records")
    assert isinstance(records, dict)
    return next(str(key) for key, row in records.items() if (row["host"], row["device"]) == (owner, device))


def error(work: Callable[[], object]) -> list[str]:
    with pytest.raises(XapiFailure) as failure:
        work()
    return failure.value.description


def dark(host: Host) -> bool:
    with pytest.raises(TimeoutError):
        Rpc(host, timeout=0.1).call("pool.get_all")
    return True


def refused(host: Host) -> bool:
    with pytest.raises(ConnectionRefusedError):
        Rpc(host).call("pool.get_all")
    return True


@pytest.mark.parametrize("kind", ["drop_before", "drop_after", "reset"])
def test_a_connection_is_cut(sim: Simulation, rpc: Rpc, kind: str) -> None:
    pool = rpc.call("pool.get_all")[0]  # type: ignore[index]
    strike(sim, kind, method="pool.set_name_label")
    with pytest.raises(CUT):
        rpc.call("pool.set_name_label", pool, "renamed")
    assert rpc.call("pool.get_name_label", pool) == ("renamed" if kind == "drop_after" else "Pool")


def test_a_call_can_wait(sim: Simulation, rpc: Rpc) -> None:
    strike(sim, "delay", method="pool.get_all", seconds=0.2)
    rpc.timeout = 0.1
    with pytest.raises(TimeoutError):
        rpc.call("pool.get_all")


def test_a_call_can_hang_until_faults_are_removed(sim: Simulation, rpc: Rpc) -> None:
    strike(sim, "hang", method="pool.get_all")
    rpc.timeout = 0.1
    with pytest.raises(TimeoutError):
        rpc.call("pool.get_all")
    assert done(sim, "DELETE", "/faults") == {"faults": []}
    rpc.timeout = 20
    assert rpc.call("pool.get_all")


def test_an_answer_can_be_an_error_page_or_garbage(sim: Simulation, rpc: Rpc) -> None:
    strike(sim, "http_500")
    call = b'{"jsonrpc": "2.0", "method": "system.listMethods", "params": [], "id": 1}'
    assert rpc.post("/jsonrpc", call).status == 500
    strike(sim, "garbage")
    head = f"POST /jsonrpc HTTP/1.0\r\nContent-Length: {len(call)}\r\n\r\n".encode()
    assert b"this is no XenAPI" in send_raw(sim.hosts[0], head + call)


def test_a_toolstack_crashes_at_a_named_step(sim: Simulation, rpc: Rpc) -> None:
    joiner = Rpc(sim.host("alone"))
    assert joiner.session
    strike(sim, "toolstack_crash", host="alone", step="after certificates")
    with pytest.raises(CUT):
        joiner.call("pool.join", rpc.host.address, rpc.host.username, rpc.host.password)
    assert len(rpc.call("host.get_all")) == 2  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["power_off", "power_loss"])
def test_power_is_lost_and_comes_back(sim: Simulation, kind: str) -> None:
    strike(sim, kind, host="alone")
    assert refused(sim.host("alone"))
    strike(sim, "power_on", host="alone")
    until(lambda: sim.host("alone").up)
    assert Rpc(sim.host("alone")).call("pool.get_all")


def test_a_reboot_ends_sessions_and_is_a_boot(sim: Simulation) -> None:
    alone = sim.host("alone")
    old, before = Rpc(alone), alone.booted_at
    assert old.session
    strike(sim, "reboot", host="alone")
    until(lambda: alone.booted_at > before and alone.settled)
    assert error(lambda: old.call("pool.get_all"))[0] == "SESSION_INVALID"


def test_a_carrier_goes_down_and_up(sim: Simulation, rpc: Rpc) -> None:
    metrics = rpc.call("PIF.get_metrics", pif(rpc, "two", "eth3"))
    strike(sim, "carrier_down", host="two", data={"device": "eth3"})
    until(lambda: not rpc.call("PIF_metrics.get_carrier", metrics))
    strike(sim, "carrier_up", host="two")
    until(lambda: rpc.call("PIF_metrics.get_carrier", metrics))
    strike(sim, "carrier_down", host="alone")
    assert dark(sim.host("alone"))


@pytest.mark.parametrize("data", [{}, {"native": "7"}, {"lacp": "active", "fallback": "false"}])
def test_a_switch_is_misconfigured(sim: Simulation, data: dict[str, str]) -> None:
    alone = sim.host("alone")
    strike(sim, "switch_misconfigured", host="alone", data={"device": "eth0"} | data)
    assert dark(alone)
    mend = {"native": 0, "lacp": "off"}
    done(sim, "PATCH", "/switches/managed/ports/alone-eth0", mend)
    assert Rpc(alone).call("pool.get_all")


def test_a_certificate_is_replaced(sim: Simulation) -> None:
    alone = sim.host("alone")
    before = ssl.get_server_certificate((alone.address, alone.port))
    strike(sim, "certificate_replaced", host="alone")
    assert ssl.get_server_certificate((alone.address, alone.port)) != before


def test_a_clock_is_wrong(sim: Simulation, rpc: Rpc) -> None:
    strike(sim, "clock_skew", host="two", seconds=-7200)
    one, two = (str(rpc.call("host.get_servertime", ref(rpc, "host", name))) for name in ("one", "two"))
    assert two < one


def test_a_disk_is_full(sim: Simulation) -> None:
    rpc = Rpc(sim.host("alone"))
    sr = ref(rpc, "SR", "Local storage")
    strike(sim, "disk_full", host="alone", data={"disk": "sd?"})
    found = rpc.record("SR", sr)
    assert found["physical_utilisation"] == found["physical_size"]
    new = {"name_label": "more", "SR": sr, "virtual_size": 1024, "type": "user", "sharable": False, "read_only": False}
    told = error(lambda: rpc.call("VDI.create", new | {"other_config": {}}))
    assert told == ["SR_FULL", "1024", "0"]
    done(sim, "PATCH", "/hosts/alone/disks/sda", {"full": False})
    vdi = rpc.call("VDI.create", new | {"other_config": {}})
    assert rpc.call("SR.get_physical_utilisation", sr) == 1024
    rpc.call("VDI.destroy", vdi)
    assert rpc.call("SR.get_physical_utilisation", sr) == 0


@pytest.mark.parametrize(("data", "seen"), [({}, refused), ({"how": "network"}, dark)])
def test_the_coordinator_of_a_pool_is_lost(sim: Simulation, data: dict[str, str], seen: Callable[[Host], bool]) -> None:
    strike(sim, "coordinator_lost", host="two", data=data)
    assert seen(sim.host("one"))
    assert error(lambda: Rpc(sim.host("two")).call("pool.get_all")) == ["HOST_IS_SLAVE", sim.host("one").address]


def test_a_pif_cannot_be_plugged(sim: Simulation, rpc: Rpc) -> None:
    eth1 = pif(rpc, "two", "eth1")
    rpc.call("PIF.unplug", eth1)
    strike(sim, "plug_fails", host="two", data={"device": "eth1", "message": "no bridge"})
    assert error(lambda: rpc.call("PIF.plug", eth1)) == ["PIF_CONFIGURATION_ERROR", eth1, "no bridge"]
    assert rpc.call("PIF.plug", eth1) == ""


def test_a_vif_cannot_be_moved(sim: Simulation, rpc: Rpc) -> None:
    """The row has moved, the live interface has not (network.md 4.1)."""
    network = rpc.call("network.create", {"name_label": "Bonded", "other_config": {}})
    strike(sim, "vif_move_fails", host="one")
    eths = [pif(rpc, "one", device) for device in ("eth2", "eth3")]
    assert error(lambda: rpc.call("Bond.create", network, eths, "", "balance-slb", {}))[0] == "INTERNAL_ERROR"
    assert len(rpc.call("network.get_VIFs", network)) == 1  # type: ignore[arg-type]


@pytest.mark.parametrize(("kind", "method"), [("pbd_unplug_fails", "PBD.unplug"), ("pbd_plug_fails", "PBD.plug")])
def test_storage_cannot_be_plugged(sim: Simulation, rpc: Rpc, kind: str, method: str) -> None:
    sr, two = ref(rpc, "SR", "filer"), ref(rpc, "host", "two")
    records = rpc.call("PBD.get_all_records")
    assert isinstance(records, dict)
    pbd = next(key for key, row in records.items() if (row["SR"], row["host"]) == (sr, two))
    if method == "PBD.plug":
        rpc.call("PBD.unplug", pbd)
    strike(sim, kind, host="two", data={"sr": "filer"})
    assert error(lambda: rpc.call(method, pbd))[0] == "SR_BACKEND_FAILURE_73"


def test_every_kind_says_what_it_does(sim: Simulation) -> None:
    said = done(sim, "GET", "/faults/kinds")["kinds"]
    assert isinstance(said, dict)
    assert sorted(said) == kinds()
    assert [kind for kind, about in said.items() if not about] == []


def test_a_fault_about_a_card_that_is_not_there_is_refused(sim: Simulation) -> None:
    with pytest.raises(AssertionError, match="no card 'eth9'"):
        strike(sim, "carrier_down", host="two", data={"device": "eth9"})
