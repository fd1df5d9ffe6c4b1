"""A join foretold and then made: what the product reads before and after it, and both told in the same words."""

from dataclasses import dataclass

from pools.forecast.join import JoinForecast, VLANOutcome, forecast_join
from pools.xapi.inventory import CLASSES, Snapshot
from pools.xapi.records import NULL, HostRecord
from pools.xapi.tables import kept
from simulator.running import Simulation
from simulator.world.host import HostMachine
from tests.simulator.pool.joining import joined
from tests.simulator.waiting import until

BY_DEVICE = '{xapi: "24.11", xapi_build: ""}'
BY_POSITION = '{xapi: "26.17", xapi_build: "26.17.0"}'
Told = dict[str, tuple[object, ...]]


@dataclass(frozen=True, kw_only=True)
class Parity:
    """``before`` is the pool's; ``joiner`` is what the server said of itself before it joined."""

    forecast: JoinForecast
    joiner: Snapshot
    before: Snapshot
    after: Snapshot

    @property
    def host(self) -> HostRecord:
        found = self.after.host(self.forecast.host_uuid)
        assert found is not None
        return found

    def network(self, ref: str) -> str:
        """How a network is called here: its uuid, or its bridge where the join made it."""
        found = self.after.networks[ref]
        old = {network.uuid for network in self.before.networks.values()}
        return found.uuid if found.uuid in old else f"new {found.bridge}"


def read(machine: HostMachine) -> Snapshot:
    """All records, as the product decodes and keeps them."""
    database = machine.database
    names = {name.lower(): name for name in database.schema.classes if name.lower() in CLASSES}
    return Snapshot.from_wire(
        {wire: {ref: kept(wire, row) for ref, row in database.records(name).items()} for wire, name in names.items()}
    )


def join(sim: Simulation, joiner: HostMachine, master: HostMachine) -> Parity:
    """Foretell, let it happen over the wire, and read again when the member's start has ended."""
    before, own = read(master), read(joiner)
    forecast = forecast_join(before, own, joiner.uuid)
    joined(sim, joiner, master)
    until(lambda: joiner.settled)
    return Parity(forecast=forecast, joiner=own, before=before, after=read(master))


def assert_network_as_foretold(parity: Parity) -> None:
    """Bonds, VLANs, NICs' networks and management, each told from the forecast and from the records."""
    assert bonds_foretold(parity.forecast) == bonds_made(parity)
    assert vlans_foretold(parity.forecast) == vlans_made(parity)
    assert management_foretold(parity) == management_made(parity)


def bonds_foretold(forecast: JoinForecast) -> Told:
    made = [bond for bond in forecast.bonds if bond.members]
    return {bond.network_uuid: (bond.mode, bond.members, bond.primary, bond.takes_management) for bond in made}


def bonds_made(parity: Parity) -> Told:
    after = parity.after
    pifs = {pif.ref: pif for pif in after.pifs_of(parity.host)}
    mine = [bond for bond in after.bonds.values() if bond.master in pifs]
    return {
        after.networks[pifs[bond.master].network].uuid: (
            bond.mode,
            tuple(sorted(pifs[ref].device for ref in bond.slaves)),
            pifs[bond.primary_slave].device,
            pifs[bond.master].management,
        )
        for bond in mine
    }


def vlans_foretold(forecast: JoinForecast) -> list[tuple[str, int, str]]:
    made = {VLANOutcome.MADE, VLANOutcome.SECOND}
    return sorted((vlan.network_uuid, vlan.tag, vlan.below_uuid) for vlan in forecast.vlans if vlan.outcome in made)


def vlans_made(parity: Parity) -> list[tuple[str, int, str]]:
    """All but the one that carries management."""
    after, mine = parity.after, {pif.ref: pif for pif in parity.after.pifs_of(parity.host)}
    found = [vlan for vlan in after.vlans.values() if vlan.untagged_PIF in mine]
    return sorted(
        (
            after.networks[mine[vlan.untagged_PIF].network].uuid,
            vlan.tag,
            after.networks[mine[vlan.tagged_PIF].network].uuid,
        )
        for vlan in found
        if not mine[vlan.untagged_PIF].management
    )


def management_foretold(parity: Parity) -> tuple[object, ...]:
    told = parity.forecast.management
    assert told is not None
    return (told.network_uuid, told.network_name, told.vlan, told.on_bond, told.device)


def management_made(parity: Parity) -> tuple[object, ...]:
    after = parity.after
    pif = after.management_pif(parity.host)
    assert pif is not None
    network = after.networks[pif.network]
    known = network.uuid in {each.uuid for each in parity.before.networks.values()}
    vlan = after.vlans.get(pif.VLAN_master_of)
    lower = after.pifs[vlan.tagged_PIF] if vlan else pif
    bond = next((bond for bond in after.bonds.values() if bond.master == lower.ref), None)
    nic = _nic_of(parity, after.pifs[bond.primary_slave].device if bond else lower.device)
    return (network.uuid if known else "", network.name_label, pif.VLAN, bond is not None, nic)


def _nic_of(parity: Parity, device: str) -> str:
    """On a bond, the NIC that carried management before; its primary is that one unless a VLAN carried it."""
    told, pif = parity.forecast.management, parity.joiner.management_pif(parity.joiner.master)
    assert told is not None
    return pif.device if pif and told.vlan >= 0 else device


def networks_of_nics(parity: Parity) -> dict[str, str]:
    """Where the member's NICs lie after the join, by device."""
    return {pif.device: parity.network(pif.network) for pif in parity.after.pifs_of(parity.host) if pif.physical}


def bridges_of_nics(parity: Parity) -> dict[str, str]:
    """The same, by the names of the bridges."""
    pifs = parity.after.pifs_of(parity.host)
    return {pif.device: parity.after.networks[pif.network].bridge for pif in pifs if pif.physical}


def network_of_vif(parity: Parity, vm: str, device: str = "0") -> str:
    """The label of the network on which an interface of a VM ended."""
    after = parity.after
    refs = {ref for ref, each in after.vms.items() if each.name_label == vm and each.ref != NULL}
    vif = next(vif for vif in after.vifs.values() if vif.VM in refs and vif.device == device)
    return after.networks[vif.network].name_label
