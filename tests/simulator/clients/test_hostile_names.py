"""Names that clients may fail to escape arrive as they are, over both transports."""

from collections.abc import Iterator

import pytest
import XenAPI

from simulator.running import Simulation, running
from simulator.world.host import HostMachine
from tests.simulator.rpc import Rpc
from tests.simulator.test_python_client import Unverified

CLASSES = ("pool", "host", "network", "VM", "SR")
TELLING = ("<script>", "{{ 7*7 }}", '"', "'", "$(reboot)", "&amp;", "\u202e", "\u2028", "\n", "\\", "]]>", "\U0010fffd")


@pytest.fixture(scope="module")
def sim() -> Iterator[Simulation]:
    with running("hostile-names") as found:
        yield found


@pytest.fixture(scope="module")
def labels(sim: Simulation) -> dict[str, set[str]]:
    return {cls: names(sim.hosts[0].database.records(cls)) for cls in CLASSES}


def names(records: object) -> set[str]:
    assert isinstance(records, dict)
    return {str(row[name]) for row in records.values() for name in ("name_label", "name_description")}


def test_the_scene_holds_what_hurts_in_every_class(labels: dict[str, set[str]]) -> None:
    for cls in CLASSES:
        assert any(len(label) > 10_000 or "<" in label or "&" in label for label in labels[cls]), cls
    everything = "".join(label for each in labels.values() for label in each)
    assert [part for part in TELLING if part not in everything] == []
    assert max(len(label) for label in labels["VM"]) >= 10_240


def test_json_has_them_as_they_are(sim: Simulation, labels: dict[str, set[str]]) -> None:
    rpc = Rpc(sim.hosts[0])
    assert {cls: names(rpc.call(f"{cls}.get_all_records")) for cls in CLASSES} == labels


def test_xml_has_them_as_they_are(sim: Simulation, labels: dict[str, set[str]]) -> None:
    host: HostMachine = sim.hosts[0]
    transport = Unverified()
    session = XenAPI.Session(f"https://{host.address}:{host.port}", transport=transport)
    session.xenapi.login_with_password(host.username, host.password, "1.0", "tests")
    for cls in CLASSES:
        assert names(getattr(session.xenapi, cls).get_all_records()) == labels[cls]
    session.xenapi.session.logout()
    transport.close()
