"""One server's forecast in words: what will be as the pool has it, what needs a look, what changes for the server."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from pools.checks.finding import listed
from pools.forecast.join import (
    BondForecast,
    JoinForecast,
    NetworkForecast,
    NetworkOutcome,
    Outcome,
    StorageForecast,
    VLANForecast,
    VLANOutcome,
    VMForecast,
)
from pools.services.nic_map import MODES

FINE: Final = "ok"
VLANS: Final = {
    VLANOutcome.MADE: (FINE, "as on the coordinator"),
    VLANOutcome.KEPT: (FINE, "kept: it carries this server’s management"),
    VLANOutcome.NOTHING: ("warning", "not made: this server has no interface, or several, on the network below it"),
    VLANOutcome.SECOND: ("warning", "made although another interface of this server is on the network already"),
    VLANOutcome.OFF: ("warning", "not made: this server is set to take no VLANs (sync_vlans=nosync)"),
}


@dataclass(frozen=True, kw_only=True)
class Line:
    """One sentence of a forecast; ``code`` leads to the dictionary."""

    state: str
    topic: str
    text: str
    code: str = ""

    @property
    def needs_a_look(self) -> bool:
        return self.state not in {FINE, "info"}


def lines(forecast: JoinForecast, *, vifs_known: bool = True) -> list[Line]:
    """Say all of a forecast, in the order of what hangs on what; without VIFs nothing is said of VMs' networks."""
    said = [*(_bond(each) for each in forecast.bonds), *(_vlan(each) for each in forecast.vlans)]
    said += [*_management(forecast), *(_network(each, vifs_known=vifs_known) for each in forecast.networks)]
    return [*said, *_vms(forecast.vms), *_storage(forecast.storage), *_cpu(forecast), *_licence(forecast)]


def _bond(bond: BondForecast) -> Line:
    name, here = f"Bond “{bond.network_name}”", " + ".join(bond.members)
    mode = MODES.get(bond.mode, bond.mode)
    if bond.outcome is Outcome.FULL:
        lead = f", {bond.primary} leads" if bond.primary else ""
        moves = "; management moves onto it" if bond.takes_management else ""
        return Line(state=FINE, topic=name, text=f"{here}, {mode}{lead}{moves}")
    if bond.outcome is Outcome.PARTIAL:
        text = f"Only {here}: no NIC here stands for the coordinator’s {listed(bond.missing)}."
        return Line(state="warning", topic=name, text=text)
    if bond.outcome is Outcome.STOLEN:
        held = f" because of {listed(bond.rivals)}" if bond.rivals else ""
        text = f"Not made: XAPI refuses it{held}. The join itself succeeds and says nothing of it."
        return Line(state="error", topic=name, text=text, code=bond.refusal)
    text = f"Not made: no NIC here stands for {listed(bond.wanted)}. The join itself succeeds and says nothing of it."
    return Line(state="error", topic=name, text=text)


def _vlan(vlan: VLANForecast) -> Line:
    state, text = VLANS[vlan.outcome]
    return Line(state=state, topic=f"VLAN {vlan.tag} “{vlan.network_name}”", text=f"On “{vlan.below}”: {text}")


def _management(forecast: JoinForecast) -> Iterator[Line]:
    found = forecast.management
    if found is None:
        yield Line(state="unknown", topic="Management", text="Which interface carries it is not known. Read again.")
        return
    where = f"VLAN {found.vlan} on {found.device}" if found.vlan >= 0 else found.device
    if found.stranded:
        text = f"By {where} on no network at all: after the join the server would not be reached."
        yield Line(state="error", topic="Management", text=text)
    elif found.is_the_pools:
        text = f"On “{found.network_name}”, as the coordinator’s, by {where}"
        yield Line(state=FINE, topic="Management", text=text)
    else:
        text = f"Stays on “{found.network_name}” by {where}; the coordinator’s is on “{found.pool_network_name}”."
        yield Line(state="warning", topic="Management", text=text)


def _network(network: NetworkForecast, *, vifs_known: bool) -> Line:
    topic = f"Network “{network.name}”"
    if network.outcome is NetworkOutcome.LOST and not vifs_known:
        return Line(
            state="info", topic=topic, text="Has no NIC: it comes along only with VMs that use it (see Checks)."
        )
    if network.outcome is NetworkOutcome.LOST:
        return Line(state="warning", topic=topic, text="Does not come along: networks without a NIC stay behind.")
    if network.outcome is NetworkOutcome.CREATED:
        return Line(state="info", topic=topic, text="Comes along as a network of the pool that only this server has.")
    if network.loses_its_name:
        text = f"Becomes the pool’s “{network.pool_name}”; its own name and settings are given up."
        return Line(state="info", topic=topic, text=text)
    return Line(state=FINE, topic=topic, text="One with the pool’s network of this name")


def _vms(vms: VMForecast) -> Iterator[Line]:
    for each in vms.conflicts:
        text = f"Clashes with “{each.other}” of the pool: none of this server’s VMs would come along."
        yield Line(state="error", topic=f"VM “{each.vm}”", text=text, code=each.code)
    for crossing in vms.crossings:
        text = f"Its interface {crossing.device} on “{crossing.network}” ends on “{crossing.lands_on}”."
        yield Line(state="warning", topic=f"VM “{crossing.vm}”", text=text)
    if vms.staying_behind:
        text = f"{_counted(len(vms.staying_behind), 'VM or template', 'VMs and templates')} would stay behind."
        yield Line(state="error", topic="VMs", text=text)
    if vms.replaced:
        text = f"{listed(vms.replaced)}: the pool has older ones with the same uuid, and loses them to these."
        yield Line(state="warning", topic="VMs replaced", text=text)
    if vms.coming:
        text = f"{_counted(len(vms.coming), 'VM or template comes', 'VMs and templates come')} along"
        yield Line(state=FINE, topic="VMs", text=text)


def _storage(storage: StorageForecast) -> Iterator[Line]:
    if storage.default_lost:
        text = f"“{storage.default_lost}” is no default any more: the pool’s is."
        yield Line(state="info", topic="Default storage", text=text)
    if storage.plugged:
        text = f"Must reach {listed([sr.name for sr in storage.plugged])}: the pool’s shared storage is connected here."
        yield Line(state=FINE, topic="Shared storage", text=text)
    if storage.coming:
        yield Line(state=FINE, topic="Own storage", text=f"Stays: {listed([sr.name for sr in storage.coming])}")


def _cpu(forecast: JoinForecast) -> Iterator[Line]:
    effect = forecast.cpu
    if effect is None:
        text = "Nothing to compare: the features of one side are not known, or the makers differ."
        yield Line(state="unknown", topic="CPU level", text=text)
        return
    if not effect.changes:
        yield Line(state=FINE, topic="CPU level", text="The same: nothing is lost, nothing hidden")
        return
    grave = bool(effect.lost or effect.stuck_vms)
    yield Line(state="warning" if grave else "info", topic="CPU level", text=" ".join(effect.sentences))


def _licence(forecast: JoinForecast) -> Iterator[Line]:
    found = forecast.licence
    if found.lost:
        text = f"With the edition “{found.edition}” here the pool loses {listed(found.lost)}."
        yield Line(state="warning", topic="Licence", text=text)
    elif found.edition:
        yield Line(state=FINE, topic="Licence", text=f"Edition “{found.edition}”: the pool loses nothing")


def _counted(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
