"""What each kind of mismatch is called, what it does, where it comes from, and what mends it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pools.diagnosis.mismatch import Kind


@dataclass(frozen=True, kw_only=True)
class Entry:
    """``letter`` marks a cell; ``restart`` says what the next toolstack start does about it by itself."""

    letter: str
    title: str
    cause: str
    recipe: str
    restart: str

    @property
    def within(self) -> str:
        """The title in the middle of a sentence; abbreviations keep their capitals."""
        return self.title if self.title[1:2].isupper() else f"{self.title[:1].lower()}{self.title[1:]}"


CATALOGUE: Final[Mapping[Kind, Entry]] = {
    Kind.BOND_MISSING: Entry(
        letter="B",
        title="Bond missing",
        cause="It could not be made when the server joined or started, or somebody took it apart.",
        recipe="Make the bond of the NICs at the right places.",
        restart="XAPI makes it, if nothing is in its way.",
    ),
    Kind.BOND_IMPOSSIBLE: Entry(
        letter="B",
        title="Bond impossible",
        cause="It has no NIC at the places of the coordinator’s members: cards are missing or counted otherwise.",
        recipe="Put the cards in, or put the order of the NICs right; bonds cannot mend it.",
        restart="XAPI only warns, and takes apart a bond that is there.",
    ),
    Kind.BOND_PARTIAL: Entry(
        letter="N",
        title="Wrong NICs in the bond",
        cause="The bond was made while a NIC was missing, or by hand with others.",
        recipe="Take the bond apart and make it of the right NICs.",
        restart="XAPI takes it apart and makes it anew.",
    ),
    Kind.BOND_NIC_TAKEN: Entry(
        letter="N",
        title="NIC held by another bond",
        cause="A NIC of this bond was put into another one.",
        recipe="Free the NIC first, then make the bond anew; addresses and VLANs are held apart meanwhile.",
        restart="XAPI takes the bond apart and cannot make it again: it would be missing.",
    ),
    Kind.BONDS_CROSSED: Entry(
        letter="X",
        title="Bonds crossed",
        cause="The bonds have each other’s NICs. With other cables, though, the order of the NICs is wrong.",
        recipe="Un-cross them: all bonds apart, management over a temporary address, then made anew.",
        restart="XAPI takes them apart one after the other, and management comes to lie on a single NIC meanwhile.",
    ),
    Kind.BOND_ELSEWHERE: Entry(
        letter="B",
        title="Bond on another network",
        cause="The NICs were bonded by hand on a network that is no bond on the coordinator.",
        recipe="Take it apart and make the bond on the pool’s network.",
        restart="XAPI never repairs it, and cannot make the right bond while it is there.",
    ),
    Kind.BOND_EXTRA: Entry(
        letter="E",
        title="One bond more",
        cause="Only this server has a bond on this network.",
        recipe="Keep it, if it is meant so; or take it apart.",
        restart="XAPI leaves it alone.",
    ),
    Kind.BOND_MODE: Entry(
        letter="M",
        title="Other mode",
        cause="XAPI changes mode and hash on one server only.",
        recipe="Set mode and properties; for LACP, the switch first.",
        restart="XAPI leaves it alone.",
    ),
    Kind.BOND_PRIMARY: Entry(
        letter="P",
        title="Other leading NIC",
        cause="The bond took its MAC from another member, or was given one.",
        recipe="Make the bond anew, the leading NIC first. Only needed where the MAC matters (DHCP, filters).",
        restart="XAPI leaves it alone.",
    ),
    Kind.MTU: Entry(
        letter="T",
        title="MTU",
        cause="The MTU was changed after the interface was plugged, or set on the interface itself.",
        recipe="Set it on the network (it is the whole pool’s), then plug again from below.",
        restart="XAPI plugs with the network’s MTU, but keeps what is set on an interface.",
    ),
    Kind.VLAN_MISSING: Entry(
        letter="V",
        title="VLAN missing",
        cause="The server was away, or its bond was missing, when the VLAN was made.",
        recipe="Make the VLAN on the right interface.",
        restart="XAPI makes it where one interface is on the network below.",
    ),
    Kind.VLAN_ELSEWHERE: Entry(
        letter="V",
        title="VLAN on another interface",
        cause="It was made by hand, or was dragged along with its NIC when bonds changed.",
        recipe="Make the VLAN anew on the right interface; its network, and the VMs on it, stay.",
        restart="XAPI adds a second interface on the same network.",
    ),
    Kind.MANAGEMENT_ELSEWHERE: Entry(
        letter="G",
        title="Management on another network",
        cause="The server joined with another NIC, or management was dragged along with its NIC.",
        recipe="Give the right interface the address, and move management there.",
        restart="XAPI leaves it alone.",
    ),
    Kind.MANAGEMENT_ADDRESS: Entry(
        letter="A",
        title="Management without an address",
        cause="An earlier change broke off: the live address is there only until the next plug.",
        recipe="Write the address again, before anything restarts.",
        restart="The server comes up without an address: only its console helps then.",
    ),
    Kind.CABLING: Entry(
        letter="?",
        title="Cables may differ",
        cause="Members of a bond are unlike each other where the coordinator’s are alike. Records cannot show cables.",
        recipe="Compare the cables, or put the order of the NICs right; bonds cannot mend it.",
        restart="XAPI imposes the places again, whatever the cables are.",
    ),
    Kind.NIC: Entry(
        letter="N",
        title="NIC missing or not managed",
        cause="A card is not there, was renamed, or was taken from XAPI.",
        recipe="Put it in and scan; forget a record that is stale.",
        restart="Bonds are made of the NICs that are there.",
    ),
    Kind.CARRIER: Entry(
        letter="L",
        title="No link",
        cause="Cable, switch port or card.",
        recipe="Look at the cable and the switch port; there is nothing to mend in XAPI.",
        restart="Nothing changes.",
    ),
    Kind.NOT_PLUGGED: Entry(
        letter="U",
        title="Bond not plugged",
        cause="Its last plug failed, or somebody unplugged it.",
        recipe="Plug it.",
        restart="XAPI plugs it.",
    ),
    Kind.MEMBER_IN_USE: Entry(
        letter="I",
        title="Member in use by itself",
        cause="A change broke off in the middle, or somebody gave a member an address.",
        recipe="Move management up to the bond if it is there, plug the bond, then clear the member’s address.",
        restart="XAPI moves management and VLANs up, but no address: management on a bond without one is lost.",
    ),
    Kind.POSITION: Entry(
        letter="O",
        title="NIC at no place",
        cause="Its network has a bridge that tells no position, so that no bond ever finds it.",
        recipe="Free the NIC, forget it, and scan again.",
        restart="XAPI leaves it alone.",
    ),
    Kind.TWO_ON_ONE: Entry(
        letter="2",
        title="Two interfaces on one network",
        cause="A VLAN was made a second time, on another interface.",
        recipe="Destroy the wrong one.",
        restart="XAPI leaves it alone.",
    ),
    Kind.NETWORK_TWICE: Entry(
        letter="D",
        title="Network there twice",
        cause="The join did not recognise the network, and made another one.",
        recipe="Move the VMs over, scan the NIC again, and destroy the second network.",
        restart="XAPI leaves it alone.",
    ),
    Kind.NETWORK_ONLY_HERE: Entry(
        letter="E",
        title="Network only here",
        cause="A VLAN was made on one server only.",
        recipe="Make it on all servers, or destroy it. VMs on it can run nowhere else.",
        restart="XAPI leaves it alone.",
    ),
    Kind.DANGLING: Entry(
        letter="R",
        title="Record without its other half",
        cause="A change broke off, and left half of its records.",
        recipe="Destroy what is left of it.",
        restart="XAPI clears some of it.",
    ),
    Kind.VIF_ON_MEMBER: Entry(
        letter="W",
        title="VM on a NIC that is bonded",
        cause="The VM was put on the NIC’s own network, or was left there when the bond was made.",
        recipe="Move the virtual interface to the bond’s network.",
        restart="XAPI moves those of VMs that can run only here.",
    ),
    Kind.SETTINGS_LOST: Entry(
        letter="S",
        title="Settings lost",
        cause="A bond or VLAN was made anew: XAPI carries over IPv4, and nothing else.",
        recipe="Write the settings again.",
        restart="XAPI leaves it alone.",
    ),
    Kind.CLUSTER_ELSEWHERE: Entry(
        letter="C",
        title="Cluster on another network",
        cause="The cluster was set up, or moved, over another interface.",
        recipe="The server has to leave the cluster and join it again.",
        restart="XAPI leaves it alone.",
    ),
}
