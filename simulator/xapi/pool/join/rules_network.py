"""Join rules on networking and storage of the joiner (rows 14-19, 22, 26, 27)."""

from simulator.xapi.pool.join.view import Joining, PoolView, refuse


def joiner_has_no_shared_sr(joining: Joining) -> None:
    """Row 14: the tools SR is shared too, and is let through."""
    for sr in joining.joiner.all("SR"):
        if sr.flag("shared") and not sr.flag("is_tools_sr"):
            refuse("JOINING_HOST_CANNOT_CONTAIN_SHARED_SRS")


def joiner_has_no_bond(joining: Joining) -> None:
    """Row 15."""
    if joining.joiner.all("Bond"):
        refuse("POOL_JOINING_HOST_HAS_BONDS")


def joiner_has_no_tunnel(joining: Joining) -> None:
    """Row 16."""
    if joining.joiner.all("tunnel"):
        refuse("POOL_JOINING_HOST_HAS_TUNNELS")


def joiner_has_no_sriov(joining: Joining) -> None:
    """Row 17."""
    if joining.joiner.all("network_sriov"):
        refuse("POOL_JOINING_HOST_HAS_NETWORK_SRIOVS")


def joiner_has_only_a_management_vlan(joining: Joining) -> None:
    """Row 18."""
    management = joining.joiner.management
    for vlan in joining.joiner.all("VLAN"):
        if management is None or vlan.text("untagged_PIF") != management.ref:
            refuse("POOL_JOINING_HOST_HAS_NON_MANAGEMENT_VLANS")


def management_vlans_are_the_same(joining: Joining) -> None:
    """Row 19: the tags as text, -1 for none, the joiner's first."""
    mine, theirs = _management_vlan(joining.joiner), _management_vlan(joining.pool)
    if mine != theirs:
        refuse("POOL_JOINING_HOST_MANAGEMENT_VLAN_DOES_NOT_MATCH", mine, theirs)


def network_backends_are_the_same(joining: Joining) -> None:
    """Row 22: backends first; then, for Open vSwitch, the first SDN controller of each side."""
    if _backend(joining.joiner) != _backend(joining.pool):
        refuse("OPERATION_NOT_ALLOWED", "Network backends differ")
    mine = _sdn_controller(joining.joiner)
    if _backend(joining.joiner) == "openvswitch" and mine and mine != _sdn_controller(joining.pool):
        refuse("OPERATION_NOT_ALLOWED", "SDN controller differs")


def address_types_are_the_same(joining: Joining) -> None:
    """Row 26."""
    mine, theirs = joining.joiner.management, joining.pool.management
    if mine and theirs and mine.text("primary_address_type") != theirs.text("primary_address_type"):
        refuse("OPERATION_NOT_ALLOWED", "Primary address type differs")


def network_purposes_are_compatible(joining: Joining) -> None:
    """Row 27: the first nbd or insecure_nbd of each side, where both have one."""
    mine, theirs = _nbd_purpose(joining.joiner), _nbd_purpose(joining.pool)
    if mine and theirs and mine != theirs:
        refuse("OPERATION_NOT_ALLOWED", "Incompatible network purposes: nbd and insecure_nbd")


def _management_vlan(side: PoolView) -> str:
    return str(side.management.number("VLAN")) if side.management else "-1"


def _backend(side: PoolView) -> str:
    return side.software.get("network_backend", "bridge")


def _sdn_controller(side: PoolView) -> tuple[str, str, int] | None:
    for controller in side.all("SDN_controller"):
        return controller.text("protocol"), controller.text("address"), controller.number("port")
    return None


def _nbd_purpose(side: PoolView) -> str | None:
    for network in side.all("network"):
        for purpose in network.items("purpose"):
            if purpose in {"nbd", "insecure_nbd"}:
                return purpose
    return None
