"""Random small networks: a coordinator with NICs, bonds and VLANs, and a server that is to join it."""

from dataclasses import dataclass

from hypothesis import strategies as st

from simulator.scenes.model import BondSpec, HostSpec, ManagementSpec, Scene, VlanSpec
from simulator.world.host import HostMachine
from simulator.xapi.machines import host_row
from simulator.xapi.network.rows import add_network
from simulator.xapi.rows import Row

SOFTWARE = ({"xapi": "24.11", "xapi_build": ""}, {"xapi": "26.17", "xapi_build": "26.17.0"})
MOST_NICS = 5
POSITIONS = range(MOST_NICS + 2)
BRIDGES = ("xapi0", "xapi1", "xapi2", "xenbr9", "breth1", "lab1")
MODES = ("active-backup", "balance-slb", "lacp")


@dataclass(frozen=True)
class Topology:
    """``oddities`` of the joiner's NICs by device: another bridge, an address, other properties, not managed."""

    scene: Scene
    oddities: dict[str, tuple[str, str]]
    private: tuple[str, ...]

    def spoil(self, joiner: HostMachine) -> None:
        """Write what no scene says."""
        for name in self.private:
            add_network(joiner.database, f"Private {name}", name)
        for pif in host_row(joiner).all("PIFs", "PIF"):
            kind, value = self.oddities.get(pif.text("device"), ("", ""))
            if pif.flag("physical") and not pif.flag("management"):
                _spoil(pif, kind, value)


def _spoil(pif: Row, kind: str, value: str) -> None:
    if kind == "bridge":
        pif.to("network", "network").set(bridge=value)
    elif kind == "address":
        pif.set(ip_configuration_mode="Static", IP=value, netmask="255.255.255.0")
    elif kind == "properties":
        pif.set(properties={"gro": value})
    elif kind == "unmanaged":
        pif.set(managed=False)


@st.composite
def topologies(draw: st.DrawFn) -> Topology:
    software, tagged = draw(st.sampled_from(SOFTWARE)), draw(st.sampled_from((-1, -1, 7)))
    master, joiner = draw(coordinators(software, tagged)), draw(joiners(software, tagged))
    oddities = draw(st.dictionaries(devices(joiner.nics), ODDITIES, max_size=2))
    private = draw(st.sets(st.sampled_from(BRIDGES), max_size=2))
    return Topology(Scene(name="random", hosts=(master, joiner)), oddities, tuple(sorted(private)))


def devices(count: int) -> st.SearchStrategy[str]:
    return st.integers(0, count - 1).map("eth{}".format)


ODDITIES = st.one_of(
    st.tuples(st.just("bridge"), st.sampled_from(BRIDGES)),
    st.tuples(st.just("address"), st.just("10.7.0.9")),
    st.tuples(st.just("properties"), st.just("off")),
    st.tuples(st.just("unmanaged"), st.just("")),
)


@st.composite
def coordinators(draw: st.DrawFn, software: dict[str, str], tagged: int) -> HostSpec:
    nics = draw(st.integers(1, MOST_NICS))
    groups = draw(st.lists(st.sampled_from((None, 0, 1)), min_size=nics, max_size=nics))
    bonds = tuple(
        BondSpec(network=f"Bond {name}", nics=members, mode=draw(st.sampled_from(MODES)))
        for name in (0, 1)
        if (members := tuple(f"eth{place}" for place, group in enumerate(groups) if group == name))
    )
    free = [f"eth{place}" for place, group in enumerate(groups) if group is None]
    below = st.sampled_from([bond.network for bond in bonds] + free)
    vlans = draw(st.lists(st.tuples(st.integers(10, 12), below), max_size=3, unique_by=lambda each: each[0]))
    return HostSpec(
        name="master",
        nics=nics,
        software=software,
        nic_order=draw(orders(nics)),
        management=ManagementSpec(nic=draw(devices(nics)), vlan=tagged),
        bonds=bonds,
        vlans=tuple(VlanSpec(network=f"VLAN {tag}", on=on, tag=tag) for tag, on in vlans),
    )


@st.composite
def joiners(draw: st.DrawFn, software: dict[str, str], tagged: int) -> HostSpec:
    nics = draw(st.integers(1, MOST_NICS))
    sync = draw(st.sampled_from(({}, {}, {}, {"sync_vlans": "nosync"})))
    return HostSpec(
        name="joiner",
        nics=nics,
        software=software,
        nic_order=draw(orders(nics)),
        management=ManagementSpec(nic=draw(devices(nics)), vlan=tagged),
        set={"host": {"other_config": sync}},
    )


@st.composite
def orders(draw: st.DrawFn, nics: int) -> dict[str, int]:
    """As the names say, or any other."""
    if draw(st.booleans()):
        return {}
    return {f"eth{place}": position for place, position in enumerate(draw(st.permutations(POSITIONS))[:nics])}
