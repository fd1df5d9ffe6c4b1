"""A forecast in words: each thing that can become of a server has its sentence and its state."""

import pytest

from pools.forecast.cpu import JoinEffect
from pools.forecast.join import (
    BondForecast,
    Crossing,
    JoinForecast,
    LicenceForecast,
    ManagementForecast,
    NetworkForecast,
    NetworkOutcome,
    Outcome,
    Rule,
    StorageForecast,
    StorageName,
    VLANForecast,
    VLANOutcome,
    VMConflict,
    VMForecast,
)
from pools.forecast.vms import VMName
from pools.services.join_fit import Line, lines

BOND = {"network_uuid": "n1", "network_name": "Storage", "mode": "lacp", "wanted": ("eth2", "eth3")}


def said(**parts: object) -> dict[str, Line]:
    forecast = JoinForecast(host_uuid="h", rule=Rule.POSITION, **parts)  # type: ignore[arg-type]
    return {line.topic: line for line in lines(forecast)}


def bond(outcome: Outcome, **more: object) -> Line:
    made = BondForecast(outcome=outcome, **BOND, **more)  # type: ignore[arg-type]
    return said(bonds=(made,))["Bond “Storage”"]


def test_a_bond_is_as_on_the_coordinator_partial_missing_or_refused() -> None:
    full = bond(Outcome.FULL, members=("eth2", "eth3"), primary="eth2", takes_management=True)
    assert (full.state, full.text) == ("ok", "eth2 + eth3, LACP, eth2 leads; management moves onto it")
    partial = bond(Outcome.PARTIAL, members=("eth2",), missing=("eth3",))
    assert (partial.state, partial.text) == ("warning", "Only eth2: no NIC here stands for the coordinator’s eth3.")
    missing = bond(Outcome.NONE)
    assert (missing.state, "no NIC here stands for eth2, eth3" in missing.text) == ("error", True)
    stolen = bond(Outcome.STOLEN, refusal="PIF_ALREADY_BONDED", rivals=("eth3",))
    assert (stolen.state, stolen.code) == ("error", "PIF_ALREADY_BONDED")
    assert "because of eth3" in stolen.text


@pytest.mark.parametrize(("outcome", "state"), [
    (VLANOutcome.MADE, "ok"),
    (VLANOutcome.KEPT, "ok"),
    (VLANOutcome.NOTHING, "warning"),
    (VLANOutcome.SECOND, "warning"),
    (VLANOutcome.OFF, "warning"),
])  # fmt: skip
def test_a_vlan_names_its_network_and_the_one_below(outcome: VLANOutcome, state: str) -> None:
    made = VLANForecast(
        network_uuid="v", network_name="Guests", tag=10, below="Storage", below_uuid="n1", outcome=outcome
    )
    line = said(vlans=(made,))["VLAN 10 “Guests”"]
    assert (line.state, "On “Storage”" in line.text) == (state, True)


def test_networks_merge_come_along_or_stay_behind() -> None:
    def network(outcome: NetworkOutcome, pool_name: str = "") -> NetworkForecast:
        return NetworkForecast(uuid="u", name="Lab", bridge="xenbr1", outcome=outcome, pool_name=pool_name)

    def line(forecast: NetworkForecast) -> Line:
        return said(networks=(forecast,))["Network “Lab”"]

    assert line(network(NetworkOutcome.MERGED, "Lab")).state == "ok"
    renamed = line(network(NetworkOutcome.MERGED, "Prod"))
    assert (renamed.state, renamed.needs_a_look, "Becomes the pool’s “Prod”" in renamed.text) == ("info", False, True)
    assert line(network(NetworkOutcome.CREATED)).state == "info"
    lost = network(NetworkOutcome.LOST)
    assert line(lost).state == "warning"
    unread = lines(JoinForecast(host_uuid="h", rule=Rule.POSITION, networks=(lost,)), vifs_known=False)
    assert {each.state for each in unread if each.topic == "Network “Lab”"} == {"info"}


def test_management_elsewhere_than_the_pools_is_named() -> None:
    there = {"device": "eth4", "vlan": -1, "on_bond": False, "network_uuid": "n4", "network_name": "Odd"}
    found = ManagementForecast(**there, pool_network_uuid="n0", pool_network_name="Management")  # type: ignore[arg-type]
    line = said(management=found)["Management"]
    assert (line.state, line.text) == ("warning", "Stays on “Odd” by eth4; the coordinator’s is on “Management”.")
    stranded = ManagementForecast(**there, pool_network_uuid="", pool_network_name="", stranded=True)  # type: ignore[arg-type]
    assert said(management=stranded)["Management"].state == "error"
    assert said()["Management"].state == "unknown"


def test_vms_that_clash_cross_over_or_come_along() -> None:
    clash = VMConflict(code="UUID_NOT_UNIQUE", vm="web", other="web-old")
    crossing = Crossing(vm="db", device="0", network="Private", lands_on="Storage", lands_on_uuid="n1")
    found = said(vms=VMForecast(staying_behind=("a", "b"), conflicts=(clash,), crossings=(crossing,)))
    assert (found["VMs"].state, found["VMs"].text) == ("error", "2 VMs and templates would stay behind.")
    assert found["VM “db”"].text == "Its interface 0 on “Private” ends on “Storage”."
    assert said(vms=VMForecast(conflicts=(clash,)))["VM “web”"].code == "UUID_NOT_UNIQUE"
    assert said(vms=VMForecast(coming=(VMName(uuid="a", name="web"),)))["VMs"].text == "1 VM or template comes along"
    assert said(vms=VMForecast(replaced=("old",)))["VMs replaced"].state == "warning"


def test_processor_licence_and_storage_are_told_in_words() -> None:
    nfs = StorageName(uuid="s", name="NFS", type="nfs")
    found = said(
        cpu=JoinEffect(lost=("AVX2",), stuck_vms=("db",)),
        licence=LicenceForecast(edition="free", pool_edition="premium", lost=("high availability",)),
        storage=StorageForecast(default_lost="Local", plugged=(nfs,)),
    )
    assert found["CPU level"].state == "warning"
    assert "AVX2" in found["CPU level"].text
    assert found["Licence"].text == "With the edition “free” here the pool loses high availability."
    assert (found["Default storage"].state, found["Shared storage"].state) == ("info", "ok")
    assert said()["CPU level"].state == "unknown"
    assert said(cpu=JoinEffect())["CPU level"].state == "ok"
