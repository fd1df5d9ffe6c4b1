"""What servers refuse: disable, evacuate, enable, reboot, forget (xapi_host.ml, xapi_host_helpers.ml)."""

from pools.xapi.messages.message import Message
from pools.xapi.messages.places import CONSOLE, OUTSIDE, READ, RETRY, VM, XE

SUBJECT = "Servers: enabling, evacuating, restarting"

REFUSED = "Nothing was changed by this call."

MESSAGES: dict[str, Message] = {
    "HOST_DISABLED_UNTIL_REBOOT": Message(
        title="The server waits for its reboot",
        text="A shutdown or reboot of the server ({0}) was prepared; it takes no VMs until it has restarted. "
        f"{REFUSED}",
        remedy="Let it reboot, or reboot it yourself.",
        press=READ,
        where=CONSOLE,
        command="xe host-reboot uuid=<host>",
        note="xapi_host.ml, assert_safe_to_reenable",
    ),
    "HOST_DISABLED_INDEFINITELY": Message(
        title="The server was disabled for good",
        text=f"Somebody disabled the server ({{0}}) with auto_enable=false: no restart enables it again. {REFUSED}",
        remedy="Ask who did it and why; then enable it by hand.",
        press=READ,
        where=XE,
        command="xe host-enable uuid=<host>",
        note="xapi_host.ml, disable (since xapi 25.31)",
    ),
    "HOST_EVACUATE_IN_PROGRESS": Message(
        title="The server is being emptied",
        text=f"All VMs are being moved away from the server ({{0}}), so none may start there. {REFUSED}",
        remedy="Wait until the evacuation ends, or start the VM on another server.",
        press=RETRY,
        where=XE,
        command="xe task-list name-label=Async.host.evacuate",
        note="xapi_host.ml, evacuate",
    ),
    "HOST_EVACUATE_VM_NOT_HA_PROTECTED": Message(
        title="A VM is not protected by HA",
        text="While HA is on, the VM ({0}) is not moved away because it has no restart priority. Older releases "
        f"said HOST_NOT_ENOUGH_FREE_MEMORY here. {REFUSED}",
        remedy="Give the VM a restart priority, shut it down, or migrate it by hand.",
        press=VM,
        where=XE,
        command="xe vm-param-set uuid=<VM> ha-restart-priority=restart",
        note="xapi_host.ml, compute_evacuation_plan_no_wlb (since xapi 26.17)",
    ),
    "HOST_EVACUATION_IS_REQUIRED": Message(
        title="The server must be empty for this",
        text=f"VMs run on the server ({{0}}), and the update needs it without any. {REFUSED}",
        remedy="Evacuate the server, then try again.",
        press=OUTSIDE,
        where=XE,
        command="xe host-evacuate uuid=<host>",
        note="datamodel_errors.ml",
    ),
    "CANNOT_EVACUATE_HOST": Message(
        title="Not all VMs can leave the server",
        text=f"XAPI names what stands in the way, one VM after the other: {{0}}. {REFUSED}",
        remedy="Look each code up here: local disks, devices passed through, memory. Shut those VMs down, or move "
        "them with their disks.",
        press=VM,
        where=XE,
        command="xe host-get-vms-which-prevent-evacuation uuid=<host>",
        note="xapi_host.ml, assert_can_evacuate; the older form of get_vms_which_prevent_evacuation",
    ),
    "NO_HOSTS_AVAILABLE": Message(
        title="No other server can take the VM",
        text="No enabled server of the pool can run it: one of the same or a higher version is needed that has its "
        f"storage, its networks and enough free memory. {REFUSED}",
        remedy="Enable another server, plug its storage and networks there, or free memory by shutting VMs down.",
        press=VM,
        where=XE,
        command="xe host-list params=uuid,name-label,enabled,host-metrics-live",
        note="xapi_host.ml, compute_evacuation_plan_no_wlb",
    ),
    "HOST_NOT_ENOUGH_FREE_MEMORY": Message(
        title="Not enough free memory",
        text="The VM needs more memory than is free: {0}. In an evacuation plan this names the VM only; elsewhere "
        f"needed and available bytes ({{1}}). {REFUSED}",
        remedy="Shut down or move other VMs, or give the VM less memory.",
        press=VM,
        where=XE,
        command="xe host-list params=name-label,memory-free,memory-total",
        note="xapi_vm_helpers.ml; xapi_host.ml, evacuate",
    ),
    "HOST_NOT_ENOUGH_PCPUS": Message(
        title="The VM has more processors than the server",
        text=f"It has {{0}} virtual processors and the server only {{1}} real ones. {REFUSED}",
        remedy="Give the VM fewer virtual processors, or start it on a larger server.",
        press=VM,
        where=XE,
        command="xe vm-param-set uuid=<VM> VCPUs-at-startup=<number>",
        note="xapi_vm_helpers.ml, assert_can_boot_here",
    ),
    "HOST_NOT_DISABLED": Message(
        title="The server must be disabled first",
        text=f"Shutdown, reboot and updates are only done on a server that takes no VMs. {REFUSED}",
        remedy="Disable the server and evacuate it, then try again.",
        press=RETRY,
        where=XE,
        command="xe host-disable uuid=<host>",
        note="xapi_host_helpers.ml, valid_operations",
    ),
    "HOST_IS_LIVE": Message(
        title="The server is alive",
        text=f"The server ({{0}}) answers, so it can be neither forgotten nor declared dead, nor powered on. {REFUSED}",
        remedy="Eject it instead. When it is really off, wait ten minutes: then XAPI takes it for dead.",
        press=READ,
        where=XE,
        command="xe host-list uuid=<host> params=name-label,host-metrics-live",
        note="xapi_host.ml, precheck_destroy_declare_dead",
    ),
    "HOST_HAS_RESIDENT_VMS": Message(
        title="XAPI thinks that VMs run on the server",
        text=f"The server ({{0}}) is off, but VMs are recorded as resident there. {REFUSED}",
        remedy="Declare the server dead first: that frees its VMs. Do it only when the server is certainly off, else "
        "disks are damaged.",
        press=OUTSIDE,
        where=XE,
        command="xe host-declare-dead uuid=<host>",
        note="xapi_host.ml, destroy",
    ),
    "HOST_CANNOT_DESTROY_SELF": Message(
        title="A server cannot forget itself",
        text="The server ({0}) is the one that was asked. Current releases no longer raise this; old servers may "
        f"still send it. {REFUSED}",
        remedy="Make another server the coordinator first.",
        press=OUTSIDE,
        where=XE,
        command="xe pool-designate-new-master host-uuid=<another host>",
        note="no raise in current xapi",
    ),
    "HOST_IN_USE": Message(
        title="Something still uses the server",
        text=f"The server ({{0}}) is in use by a {{1}} ({{2}}). {REFUSED}",
        remedy="Detach that first.",
        press=READ,
        where=XE,
        command="xe pbd-list host-uuid=<host> params=uuid,sr-name-label,currently-attached",
        note="datamodel_errors.ml",
    ),
    "HOST_NAME_INVALID": Message(
        title="This is no host name",
        text=f"XAPI says: {{0}}. {REFUSED}",
        remedy="Use letters, digits and hyphens, at most 63 of them between two dots, and no spaces.",
        press=RETRY,
        where=XE,
        command="xe host-set-hostname-live host-uuid=<host> host-name=<name>",
        note="xapi_host.ml, set_hostname_live",
    ),
    "HOST_POWER_ON_MODE_DISABLED": Message(
        title="The server cannot be switched on from here",
        text=f"No way to power it on is configured: neither wake-on-LAN nor a management controller. {REFUSED}",
        remedy="Press its power button, or configure a power-on mode.",
        press=OUTSIDE,
        where=XE,
        command="xe host-set-power-on-mode host=<host> power-on-mode=wake-on-lan",
        note="xapi_host_helpers.ml, valid_operations",
    ),
    "NOT_IN_EMERGENCY_MODE": Message(
        title="The server is not in emergency mode",
        text=f"The call is only for a server that has lost its coordinator; this one works normally. {REFUSED}",
        remedy="Use the ordinary call instead: the management interface is moved with host-management-reconfigure.",
        press=READ,
        where=CONSOLE,
        command="xe host-is-in-emergency-mode",
        note="xapi_host.ml, local_management_reconfigure",
    ),
    "CPU_FEATURE_MASKING_NOT_SUPPORTED": Message(
        title="Processor features cannot be masked",
        text="XAPI says: {0}. Current releases level the pool by themselves and have no masks; old servers may "
        f"still send this. {REFUSED}",
        remedy="Leave the masks alone.",
        press=READ,
        where=XE,
        command="xe pool-param-get uuid=<pool> param-name=cpu-info",
        note="doc/content/design/cpu-levelling-v2.md",
    ),
    "INVALID_FEATURE_STRING": Message(
        title="This is no set of processor features",
        text=f"XAPI says: {{0}}. It must be words of eight hexadecimal digits with hyphens between. {REFUSED}",
        remedy="Leave features alone: pools are levelled by themselves.",
        press=READ,
        where=XE,
        command="xe host-param-get uuid=<host> param-name=cpu_info",
        note="cpuid_helpers.ml",
    ),
    "XEN_INCOMPATIBLE": Message(
        title="Xen and the toolstack do not fit together",
        text="The running hypervisor is of another version than the toolstack expects: updates are half installed. "
        f"{REFUSED}",
        remedy="Reboot the server, so that the new hypervisor runs.",
        press=READ,
        where=CONSOLE,
        command="xe host-reboot uuid=<host>",
        note="xapi_host_helpers.ml, consider_enabling_host",
    ),
    "APPLY_UPDATES_FAILED": Message(
        title="Updates could not be installed",
        text="Installing them failed on the server ({0}). It may be half updated.",
        remedy="Look into its update log, put right what it names, and install again before anything joins or leaves.",
        press=OUTSIDE,
        where=CONSOLE,
        command="tail -50 /var/log/yum.log",
        note="datamodel_errors.ml",
    ),
}
