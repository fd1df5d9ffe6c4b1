"""A lab that goes on where it was: after an orderly end, a kill, and with a file that cannot be used."""

import json
import signal
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
import XenAPI

from tests.simulator.pool.joining import is_enabled, refusal
from tests.simulator.rpc import Rpc, XapiFailure
from tests.simulator.test_python_client import Unverified
from tests.simulator.waiting import until
from tests.simulator.world.test_process import Started, started

SCENE = """
name: two-of-mine
hosts:
  - {name: first, password: the-pools}
  - {name: second, password: its-own}
"""


@pytest.fixture
def scene(tmp_path: Path) -> Path:
    path = tmp_path / "mine.yaml"
    path.write_text(SCENE)
    return path


@contextmanager
def lab(scene: Path | str, *more: str) -> Iterator[Started]:
    with started("--scene", str(scene), "--profile", "instant", *more) as found:
        yield found


def hosts(found: Started) -> list[SimpleNamespace]:
    listed = found.line["hosts"]
    assert isinstance(listed, list)
    return [SimpleNamespace(**host) for host in listed]


def is_saved_as_member(state: Path, name: str) -> bool:
    machines = {machine["name"]: machine for machine in json.loads(state.read_text())["machines"]}
    return machines[name]["disk"]["role"] != "master" and bool(machines[name]["settled"])


def make_pool(found: Started, state: Path) -> dict[str, object]:
    """The second host joins the first; gives what the pool then consists of."""
    master, joiner = hosts(found)
    assert refusal(joiner, master) == []  # type: ignore[arg-type]
    until(lambda: is_saved_as_member(state, joiner.name))
    return inventory(master)


def inventory(master: SimpleNamespace) -> dict[str, object]:
    rpc = Rpc(master)
    return {cls: rpc.call(f"{cls}.get_all_records") for cls in ("pool", "host", "PIF", "network", "SR", "PBD")}


@pytest.mark.parametrize("ended_by", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_a_pool_is_still_there_after_a_restart(scene: Path, tmp_path: Path, ended_by: signal.Signals) -> None:
    state = tmp_path / "lab" / "state.json"
    with lab(scene, "--state", str(state)) as found:
        before = make_pool(found, state)
        found.process.send_signal(ended_by)
        found.process.wait(10)
    with lab(scene, "--state", str(state)) as found:
        master, member = hosts(found)
        assert inventory(master) == before
        assert len(before["host"]) == 2  # type: ignore[arg-type]
        with pytest.raises(XapiFailure) as failure:
            assert Rpc(member).session
        assert failure.value.description == ["HOST_IS_SLAVE", master.address]
        assert member.password == "the-pools"
        assert Rpc(member).bare("session.slave_local_login_with_password", "root", "the-pools")


def test_the_xenapi_package_logs_in_with_the_pools_password(scene: Path, tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    with lab(scene, "--state", str(state)) as found:
        make_pool(found, state)
    with lab(scene, "--state", str(state)) as found:
        master = hosts(found)[0]
        transport = Unverified()
        session = XenAPI.Session(f"https://{master.address}:{master.port}", transport=transport)
        session.xenapi.login_with_password("root", "the-pools", "1.0", "tests")
        assert len(session.xenapi.host.get_all()) == 2
        transport.close()


def test_a_master_killed_while_it_restarts_comes_back(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    with lab("two-standalone", "--profile", "real", "--state", str(state)) as found:
        rpc, uuid = Rpc(found.host), uuid_of(state, found.host.name)
        rpc.call("host.restart_agent", rpc.call("host.get_by_uuid", uuid))
        until(lambda: not json.loads(state.read_text())["machines"][0]["settled"])
    with lab("two-standalone", "--state", str(state)) as found:
        until(lambda: is_answering(found.host))
        assert is_enabled(found.host, uuid)  # type: ignore[arg-type]


def uuid_of(state: Path, name: str) -> str:
    machines = {machine["name"]: machine for machine in json.loads(state.read_text())["machines"]}
    return str(machines[name]["uuid"])


def is_answering(host: SimpleNamespace) -> bool:
    try:
        return bool(Rpc(host).session)
    except OSError:
        return False


def test_the_file_is_private_and_names_no_session_and_no_key(tmp_path: Path) -> None:
    state = tmp_path / "lab" / "state.json"
    with lab("two-standalone", "--state", str(state)) as found:
        session = Rpc(found.host).session
        found.process.send_signal(signal.SIGTERM)
        assert found.process.wait(10) == 0
    assert stat.S_IMODE(state.stat().st_mode) == 0o600
    assert stat.S_IMODE(state.parent.stat().st_mode) == 0o700
    assert session not in state.read_text()
    assert "PRIVATE KEY" not in state.read_text()
    assert json.loads(state.read_text()).keys() == {
        "format", "scene", "fingerprint", "address_base", "databases", "copies", "machines", "switches",
            "storages",
    }  # fmt: skip


def test_the_state_of_another_scene_is_refused_and_left_alone(scene: Path, tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    with lab("two-standalone", "--state", str(state)):
        before = state.read_bytes()
    with lab(scene, "--state", str(state)) as refused:
        assert refused.process.wait(10) == 2
        assert refused.process.stderr
        said = refused.process.stderr.read()
    assert "'two-standalone'" in said
    assert "'two-of-mine'" in said
    assert state.read_bytes() == before


def test_a_broken_file_is_set_aside_and_the_scene_starts_afresh(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    state.write_text('{"scene": "two-stand')
    with lab("two-standalone", "--state", str(state)) as found:
        assert Rpc(found.host).call("pool.get_all")
        found.process.send_signal(signal.SIGTERM)
        assert found.process.wait(10) == 0
        assert found.process.stderr
        assert f"{state} cannot be used (it is no JSON)" in found.process.stderr.read()
    assert (tmp_path / "state.json.broken").read_text() == '{"scene": "two-stand'
    assert json.loads(state.read_text())["scene"] == "two-standalone"


def test_a_place_that_cannot_be_written_to_is_said_at_once(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with lab("two-standalone", "--state", str(tmp_path / "file" / "state.json")) as refused:
        assert refused.process.wait(10) == 2
        assert refused.process.stderr
        assert "simulator: " in refused.process.stderr.read()


def test_another_address_base_than_that_of_the_state_is_refused(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    with lab("two-standalone", "--state", str(state)):
        pass
    with lab("two-standalone", "--state", str(state), "--address-base", "127.70.1") as refused:
        assert refused.process.wait(10) == 2
