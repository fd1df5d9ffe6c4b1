"""What XAPI makes of a member's network when a bond is made or taken apart (xapi_bond.ml)."""

from dataclasses import replace

from pools.repair import changes
from pools.repair.state import Refused, State, bond_key, make, nic_key, with_defaults
from pools.snapshots.data import NO_MODE, Address, Bond, Interface, Kind


@make.register
def destroy_bond(change: changes.DestroyBond, state: State) -> None:
    bond, master = state.bond(change.at), state.interface(change.at)
    if state.start.place.ha_enabled and master.management:
        raise Refused("HA_CANNOT_CHANGE_BOND_STATUS_OF_MGMT_IFACE")
    members = [nic_key(mac) for mac in bond.members]
    primary = nic_key(bond.primary) if bond.primary else members[0]
    state.move_address(master.key, primary)
    state.move_layers(master.key, primary)
    state.move_protection([master.key], primary)
    state.move_cluster([master.key], primary)
    state.bonds.remove(bond)
    state.interfaces.remove(state.interface(master.key))
    for key in members:
        state.set(key, attached=master.attached or state.interface(key).attached)


@make.register
def create_bond(change: changes.CreateBond, state: State) -> None:
    key, members = bond_key(change.network), [state.interface(nic_key(mac)) for mac in change.members]
    refuse_bond(state, change, members)
    primary = leading(members)
    network = state.start.network(change.network)
    state.interfaces.append(
        Interface(
            key=key,
            kind=Kind.BOND,
            uuid="",
            mac=change.mac or primary.mac,
            mtu=network.mtu,
            network=change.network,
            address=Address(primary=primary.address.primary),
            attached=True,
            properties=primary.properties,
            carrier=any(nic.carrier for nic in members) or None,
        )
    )
    state.bonds.append(
        Bond(
            key=key,
            uuid="",
            network=change.network,
            members=(primary.mac, *(nic.mac for nic in members if nic != primary)),
            primary=primary.mac,
            mode=change.mode,
            properties=with_defaults(change.mode, change.properties),
            auto_update_mac=not change.mac,
            mac=change.mac or primary.mac,
        )
    )
    state.move_address(primary.key, key)
    for nic in members:
        state.move_layers(nic.key, key)
        state.set(nic.key, attached=False)
    state.move_protection([nic.key for nic in members], key)
    state.move_cluster([nic.key for nic in members], key)


def leading(members: list[Interface]) -> Interface:
    """Management leads, else who has an address, else the first (xapi_bond.ml, create)."""
    return max(members, key=lambda nic: (nic.management, nic.address.mode != NO_MODE))


def refuse_bond(state: State, change: changes.CreateBond, members: list[Interface]) -> None:
    """In the order of Bond.create's own checks."""
    refused: tuple[tuple[bool, str], ...] = (
        (not members, "PIF_BOND_NEEDS_MORE_MEMBERS"),
        (not state.start.network(change.network).managed, "NETWORK_UNMANAGED"),
        (bool(state.on(change.network)), "NETWORK_ALREADY_CONNECTED"),
        (len({nic.address.primary for nic in members}) > 1, "PIF_INCOMPATIBLE_PRIMARY_ADDRESS_TYPE"),
        (any(not nic.managed for nic in members), "PIF_UNMANAGED"),
        (any(state.holder(nic.key) for nic in members), "PIF_ALREADY_BONDED"),
        (
            state.start.place.ha_enabled and any(nic.management for nic in members),
            "HA_CANNOT_CHANGE_BOND_STATUS_OF_MGMT_IFACE",
        ),
        (len({tuple(sorted(nic.properties.items())) for nic in members}) > 1, "INCOMPATIBLE_PIF_PROPERTIES"),
        (sum(nic.address.mode != NO_MODE for nic in members) > 1, "PIF_BOND_MORE_THAN_ONE_IP"),
    )
    for holds, code in refused:
        if holds:
            raise Refused(code)


@make.register
def set_bond_mode(change: changes.SetBondMode, state: State) -> None:
    bond = state.bond(change.at)
    properties = with_defaults(change.mode, {**bond.properties, **change.properties})
    state.bonds[state.bonds.index(bond)] = replace(bond, mode=change.mode, properties=properties)
