"""What XAPI makes of a member's network when one change is made, with all that it drags along.

Sources: xapi_bond.ml (bonding.py), xapi_vlan.ml, xapi_pif.ml, xapi_host.ml (management_reconfigure). Where VIFs of
halted VMs go cannot be told before (get_local_vifs asks where each could start): only MoveVIFs moves any.
"""

from dataclasses import replace
from typing import Final

from pools.repair import bonding, changes
from pools.repair.changes import Change
from pools.repair.state import Refused, State, make, nic_key, of_version, vlan_key
from pools.snapshots.data import NO_MODE, UNTAGGED, Address, Interface, Kind, Layer, NetworkData

__all__ = ["Refused", "apply", "bonding"]

VLAN_MAC: Final = "fe:ff:ff:ff:ff:ff"


def apply(data: NetworkData, *steps: Change) -> NetworkData:
    """The network after these changes, one after the other; raises ``Refused``."""
    state = State.of(data)
    for change in steps:
        make(change, state)
    return state.data()


@make.register
def destroy_vlan(change: changes.DestroyVLAN, state: State) -> None:
    layer = next((each for each in state.vlans if each.key == change.at and each.below == change.below), None)
    if layer is None:
        raise Refused("HANDLE_INVALID")
    interface = state.interface(layer.key)
    if interface.management:
        raise Refused("PIF_IS_MANAGEMENT_INTERFACE")
    if interface.attached and state.start.place.ha_enabled:
        raise Refused("HA_IS_ENABLED")
    if interface.disallow_unplug:
        raise Refused("PIF_DOES_NOT_ALLOW_UNPLUG")
    state.vlans.remove(layer)
    state.interfaces.remove(interface)


@make.register
def create_vlan(change: changes.CreateVLAN, state: State) -> None:
    below, key = state.interface(change.below), vlan_key(change.network, change.tag)
    refused: tuple[tuple[bool, str], ...] = (
        (bool(state.on(change.network)), "NETWORK_ALREADY_CONNECTED"),
        (bool(state.holder(below.key)), "CANNOT_ADD_VLAN_TO_BOND_SLAVE"),
        (below.kind == Kind.VLAN, "PIF_IS_VLAN"),
        (any(each.tag == change.tag for each in state.layers(below.key)), "PIF_VLAN_EXISTS"),
    )
    for holds, code in refused:
        if holds:
            raise Refused(code)
    state.vlans.append(Layer(key=key, uuid="", network=change.network, below=below.key, tag=change.tag))
    state.interfaces.append(
        Interface(
            key=key,
            kind=Kind.VLAN,
            uuid="",
            device=below.device,
            mac=VLAN_MAC,
            vlan=change.tag,
            mtu=state.start.network(change.network).mtu,
            network=change.network,
            address=Address(primary=below.address.primary),
            attached=True,
            carrier=below.carrier,
        )
    )


@make.register
def set_ipv4(change: changes.SetIPv4, state: State) -> None:
    here = state.interface(change.at)
    refuse_address(state, here)
    if here.management and change.mode == NO_MODE and here.address.primary == "IPv4":
        raise Refused("PIF_IS_MANAGEMENT_INTERFACE")
    dns = ",".join(text for text in (change.dns, of_version(here.address.dns, 6)) if text)
    given = replace(here.address, mode=change.mode, ip=change.ip, netmask=change.netmask, gateway=change.gateway)
    state.set(change.at, address=replace(given, dns=dns))


@make.register
def set_ipv6(change: changes.SetIPv6, state: State) -> None:
    here = state.interface(change.at)
    refuse_address(state, here)
    if here.management and change.mode == NO_MODE and here.address.primary == "IPv6":
        raise Refused("PIF_IS_MANAGEMENT_INTERFACE")
    dns = ",".join(text for text in (of_version(here.address.dns, 4), change.dns) if text)
    six = (change.address,) if change.address else ()
    given = replace(here.address, ipv6_mode=change.mode, ipv6=six, ipv6_gateway=change.gateway, dns=dns)
    state.set(change.at, address=given)


def refuse_address(state: State, here: Interface) -> None:
    """What is plugged is protected by HA; a cluster keeps its interface."""
    if not here.managed:
        raise Refused("PIF_UNMANAGED")
    if here.attached and state.start.place.ha_enabled:
        raise Refused("HA_IS_ENABLED")
    if here.attached and state.start.place.redo_log_enabled:
        raise Refused("REDO_LOG_IS_ENABLED")
    if state.start.cluster_interface == here.key:
        raise Refused("CLUSTERING_ENABLED")


@make.register
def move_management(change: changes.MoveManagement, state: State) -> None:
    here = state.interface(change.at)
    if state.start.place.ha_enabled:
        raise Refused("HA_IS_ENABLED")
    if state.holder(here.key):
        raise Refused("CANNOT_PLUG_BOND_SLAVE")
    if (here.address.ipv6_mode if here.address.primary == "IPv6" else here.address.mode) == NO_MODE:
        raise Refused("PIF_HAS_NO_NETWORK_CONFIGURATION")
    for each in [each for each in state.interfaces if each.management]:
        state.set(each.key, management=False)
    state.set(here.key, management=True)
    plug(state, here.key)


@make.register
def plug_interface(change: changes.PlugInterface, state: State) -> None:
    if state.holder(change.at):
        raise Refused("CANNOT_PLUG_BOND_SLAVE")
    plug(state, change.at)


def plug(state: State, key: str) -> None:
    """The network's MTU takes effect, or the interface's own; members of a bond are up no more."""
    here = state.interface(key)
    own = here.settings.get("mtu", "")
    state.set(key, attached=True, mtu=int(own) if own.isdigit() else state.start.network(here.network).mtu)
    if here.kind == Kind.BOND:
        for mac in state.bond(key).members:
            state.set(nic_key(mac), attached=False)


@make.register
def set_flags(change: changes.SetFlags, state: State) -> None:
    here = state.interface(change.at)
    settings = {key: value for key, value in {**here.settings, **change.settings}.items() if value}
    protected = here.disallow_unplug if change.disallow_unplug is None else change.disallow_unplug
    properties = {**here.properties, **change.properties}
    state.set(change.at, settings=settings, disallow_unplug=protected, properties=properties)
    if here.kind == Kind.BOND and change.properties:
        for mac in state.bond(change.at).members:
            state.set(nic_key(mac), properties=properties)


@make.register
def move_vifs(change: changes.MoveVIFs, state: State) -> None:
    state.start = replace(state.start, vifs={**state.start.vifs, **change.moves})


@make.register
def set_mtu(change: changes.SetMTU, state: State) -> None:
    networks = [replace(each, mtu=change.mtu) if each.uuid == change.network else each for each in state.start.networks]
    state.start = replace(state.start, networks=tuple(networks))


@make.register
def forget_nic(change: changes.ForgetNIC, state: State) -> None:
    here = state.interface(change.at)
    refused: tuple[tuple[bool, str], ...] = (
        (here.management, "PIF_IS_MANAGEMENT_INTERFACE"),
        (bool(state.holder(here.key)), "PIF_ALREADY_BONDED"),
        (bool(state.layers(here.key)), "PIF_VLAN_STILL_EXISTS"),
        (any(each.below == here.key for each in state.tunnels), "PIF_TUNNEL_STILL_EXISTS"),
        (state.start.place.ha_enabled, "HA_IS_ENABLED"),
    )
    for holds, code in refused:
        if holds:
            raise Refused(code)
    state.interfaces.remove(here)


@make.register
def scan_nics(change: changes.ScanNICs, state: State) -> None:
    known = {each.mac for each in state.interfaces if each.kind == Kind.NIC}
    for mac, network in change.expects.items():
        if mac not in known:
            made = Interface(key=nic_key(mac), kind=Kind.NIC, uuid="", mac=mac, network=network, vlan=UNTAGGED)
            state.interfaces.append(replace(made, mtu=state.start.network(network).mtu, properties={"gro": "on"}))
