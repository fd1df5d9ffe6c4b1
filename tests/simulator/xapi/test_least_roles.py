"""The least role of the calls that an administration app makes: the table of protocol.md 8."""

import pytest

from simulator.schema import schema
from simulator.schema.hidden import ROOT_ONLY
from simulator.xapi.served import find
from tests.simulator.xapi.test_rbac import NAMES

LEAST = {
    "pool-admin": "subject.create subject.destroy subject.add_to_roles subject.remove_from_roles host.call_plugin "
    "pool.enable_tls_verification pool.rotate_secret network.add_purpose network.remove_purpose",
    "pool-operator": "pool.join pool.join_force pool.eject pool.designate_new_master pool.recover_slaves "
    "pool.enable_ha pool.emergency_transition_to_master pool.emergency_reset_master pool.disable_ha "
    "pool.set_default_SR "
    "pool.set_ha_host_failures_to_tolerate pool.create_VLAN pool.create_VLAN_from_PIF "
    "pool.management_reconfigure pool.set_name_label pool.set_other_config pool.set_https_only "
    "pool.sync_database host.disable host.enable host.evacuate host.reboot host.shutdown host.power_on "
    "host.destroy host.restart_agent host.declare_dead host.management_reconfigure "
    "host.management_disable host.syslog_reconfigure host.set_hostname_live host.set_power_on_mode "
    "host.apply_edition host.assert_can_evacuate Bond.create Bond.destroy Bond.set_mode Bond.set_property "
    "VLAN.create VLAN.destroy PIF.plug PIF.unplug PIF.scan PIF.forget PIF.reconfigure_ip tunnel.create "
    "tunnel.destroy network.set_name_label network.set_other_config SR.create SR.forget SR.destroy "
    "network.set_default_locking_mode PBD.plug PBD.unplug PBD.create secret.create secret.get_value "
    "message.create message.destroy session.logout_subject_identifier host.get_management_interface "
    "VM_appliance.create host.reset_networking",
    "vm-power-admin": "SR.scan VM.pool_migrate VM.start_on VM.resume_on",
    "vm-admin": "network.create network.destroy network.set_MTU VM.create VM.clone VM.destroy",
    "vm-operator": "VM.start VM.clean_shutdown VM.hard_reboot VM.add_tags pool.set_gui_config",
    "read-only": "pool.get_all host.get_record event.from event.inject task.cancel "
    "host.get_vms_which_prevent_evacuation host.get_server_certificate pool.get_license_state "
    "session.logout pool.ha_compute_hypothetical_max_host_failures_to_tolerate",
}


def least(name: str) -> str:
    """The last of the six, from the mightiest down, that may call it."""
    handler = find(name)
    assert handler, f"{name} is not served"
    return [role for role in NAMES if role in schema().role_sets[handler.spec.role]][-1]


@pytest.mark.parametrize("role", LEAST)
def test_each_call_needs_the_role_of_the_table(role: str) -> None:
    assert {name: least(name) for name in LEAST[role].split()} == dict.fromkeys(LEAST[role].split(), role)


def test_a_password_is_changed_by_local_root_alone() -> None:
    handler = find("session.change_password")
    assert handler
    assert handler.spec.role == ROOT_ONLY
    assert schema().role_sets[ROOT_ONLY] == ()
