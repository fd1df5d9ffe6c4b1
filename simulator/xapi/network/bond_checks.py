"""The ten checks of Bond.create, in the order of their errors (xapi_bond.ml: create)."""

import re

from simulator.xapi.errors import XapiError
from simulator.xapi.network.bond_properties import refuse_invalid
from simulator.xapi.network.pif_checks import assert_no_fcoe_in_use
from simulator.xapi.network.rows import NO_VLAN, BondPlan, pif_on, primary_of
from simulator.xapi.pool.state import ha_is_on
from simulator.xapi.rows import Row

MAC = re.compile(r"([0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}\Z")


def refuse_request(host: Row, plan: BondPlan) -> None:
    """Checks 0 to 5, outside of the lock: two racing calls can both pass them."""
    if not plan.pifs:
        raise XapiError("PIF_BOND_NEEDS_MORE_MEMBERS")
    if not plan.network.flag("managed"):
        raise XapiError("NETWORK_UNMANAGED", plan.network.ref)
    for pif in pif_on(host, plan.network.ref):
        raise XapiError("NETWORK_ALREADY_CONNECTED", host.ref, pif.ref)
    for pif in plan.network.all("PIFs", "PIF")[:1]:
        if pif.items("sriov_logical_PIF_of"):
            raise XapiError("NETWORK_INCOMPATIBLE_WITH_BOND", plan.network.ref)
    if plan.mac and not MAC.match(plan.mac):
        raise XapiError("MAC_INVALID", plan.mac)
    refuse_invalid(plan.mode, plan.properties or {})


def refuse_members(plan: BondPlan) -> None:
    """Checks 6 to 10, under the lock."""
    kind = primary_of(plan.pifs).text("primary_address_type")
    for pif in plan.pifs:
        if pif.text("primary_address_type") != kind:
            raise XapiError("PIF_INCOMPATIBLE_PRIMARY_ADDRESS_TYPE", pif.ref)
    for pif in plan.pifs:
        _refuse_member(pif)
    if len({pif.text("host") for pif in plan.pifs}) > 1:
        raise XapiError("PIF_CANNOT_BOND_CROSS_HOST")
    first = plan.pifs[0].mapping("properties")
    if any(pif.mapping("properties") != first for pif in plan.pifs):
        raise XapiError("INCOMPATIBLE_PIF_PROPERTIES")
    if sum(pif.text("ip_configuration_mode") != "None" for pif in plan.pifs) > 1:
        raise XapiError("PIF_BOND_MORE_THAN_ONE_IP")


def refuse_under_ha(pif: Row) -> None:
    """Only the interface itself counts: management on a VLAN above it does not."""
    if pif.flag("management") and ha_is_on(pif.database):
        raise XapiError("HA_CANNOT_CHANGE_BOND_STATUS_OF_MGMT_IFACE")


def _refuse_member(pif: Row) -> None:
    if not pif.flag("managed"):
        raise XapiError("PIF_UNMANAGED", pif.ref)
    if pif.database.has("Bond", pif.text("bond_slave_of")):
        raise XapiError("PIF_ALREADY_BONDED", pif.ref)
    if pif.number("VLAN") != NO_VLAN:
        raise XapiError("PIF_VLAN_EXISTS", pif.text("device"))
    if pif.items("tunnel_access_PIF_of"):
        raise XapiError("IS_TUNNEL_ACCESS_PIF", pif.ref)
    if pif.items("sriov_logical_PIF_of"):
        raise XapiError("PIF_IS_SRIOV_LOGICAL", pif.ref)
    refuse_under_ha(pif)
    assert_no_fcoe_in_use(pif)
