"""What HA refuses, and why it does not start (xapi_ha.ml, xapi_ha_vm_failover.ml)."""

from pools.xapi.messages.message import Message
from pools.xapi.messages.places import ADD, CONSOLE, HA, NETWORK, OUTSIDE, READ, VM, XE

SUBJECT = "High availability"

REFUSED = "Nothing was changed by this call."

MESSAGES: dict[str, Message] = {
    "HA_NOT_ENABLED": Message(
        title="HA is off",
        text=f"This only makes sense while HA is on. {REFUSED}",
        remedy="Switch HA on if you want it.",
        press=READ,
        where=XE,
        command="xe pool-ha-enable heartbeat-sr-uuids=<shared SR>",
        note="xapi_ha.ml",
    ),
    "HA_NOT_INSTALLED": Message(
        title="A server cannot do HA",
        text=f"The HA packages are missing on the server ({{0}}). {REFUSED}",
        remedy="Install the same release completely on that server, or leave HA off.",
        press=OUTSIDE,
        where=CONSOLE,
        command="rpm -q xha",
        note="xapi_ha.ml",
    ),
    "HA_HOST_IS_ARMED": Message(
        title="HA is armed on the server",
        text="The server ({0}) watches its heartbeat and would fence itself; it cannot be changed like this. "
        f"{REFUSED}",
        remedy="Switch HA off for the pool first.",
        press=HA,
        where=XE,
        command="xe pool-ha-disable",
        note="xapi_ha.ml",
    ),
    "HA_LOST_STATEFILE": Message(
        title="HA lost its heartbeat storage",
        text="The servers no longer reach the state file. While the network heartbeat holds, they stay up; if that "
        "goes too, they fence themselves.",
        remedy="Bring the heartbeat storage back. If that takes long, switch HA off meanwhile.",
        press=HA,
        where=CONSOLE,
        command="xe pool-param-get uuid=<pool> param-name=ha-statefiles",
        note="xha_errno.ml",
    ),
    "HA_FAILED_TO_FORM_LIVESET": Message(
        title="The servers did not find together",
        text="HA was started on all servers, but they could not agree on who is alive, over network and storage. HA "
        "stays off.",
        remedy="See that all servers reach each other and the heartbeat storage, then switch HA on again.",
        press=OUTSIDE,
        where=CONSOLE,
        command="tail -50 /var/log/xha.log",
        note="xha_errno.ml",
    ),
    "HA_HEARTBEAT_DAEMON_STARTUP_FAILED": Message(
        title="The heartbeat did not start",
        text="The HA daemon of a server ended while HA was being switched on. HA stays off.",
        remedy="Look into its log on every server, put right what it names, and switch HA on again.",
        press=OUTSIDE,
        where=CONSOLE,
        command="tail -50 /var/log/xha.log",
        note="xha_errno.ml",
    ),
    "HA_HOST_CANNOT_ACCESS_STATEFILE": Message(
        title="A server does not reach the heartbeat storage",
        text="The state file could not be opened on at least one server. HA stays off.",
        remedy="See that the heartbeat storage is plugged on every server, then switch HA on again.",
        press=OUTSIDE,
        where=XE,
        command="xe pbd-list sr-uuid=<heartbeat SR> params=host-uuid,currently-attached",
        note="xha_errno.ml",
    ),
    "HA_HOST_CANNOT_SEE_PEERS": Message(
        title="A server does not hear the others",
        text="The server ({0}) should hear {1} and hears only {2} over the management network. HA stays off.",
        remedy="Look at that server's management network: cable, bond, VLAN, firewall. Then switch HA on again.",
        press=NETWORK,
        where=XE,
        command="xe pif-list management=true params=host-name-label,device,IP,carrier",
        note="xha_errno.ml",
    ),
    "HA_SHOULD_BE_FENCED": Message(
        title="The server must restart before it may take part",
        text="The server ({0}) was taken for dead by the others, and must not go on as if nothing had been. "
        f"{REFUSED}",
        remedy="Reboot it.",
        press=READ,
        where=CONSOLE,
        command="xe host-reboot uuid=<host>",
        note="xapi_ha.ml",
    ),
    "HA_TOO_FEW_HOSTS": Message(
        title="Too few servers for HA",
        text=f"HA needs enough live servers to plan for a failure. {REFUSED}",
        remedy="Bring the missing servers back, or add one to the pool, then switch HA on.",
        press=ADD,
        where=XE,
        command="xe host-list params=name-label,enabled,host-metrics-live",
        note="xapi_ha.ml",
    ),
    "HA_NO_PLAN": Message(
        title="HA finds no plan",
        text=f"The protected VMs cannot all be restarted after so many failures. {REFUSED}",
        remedy="Protect fewer VMs, give them less memory, or ask HA to bear fewer failures.",
        press=VM,
        where=XE,
        command="xe pool-ha-compute-max-host-failures-to-tolerate",
        note="xapi_ha_vm_failover.ml",
    ),
    "HA_OPERATION_WOULD_BREAK_FAILOVER_PLAN": Message(
        title="HA could no longer keep its promise",
        text="After this, the protected VMs could not all be restarted when a server fails: a server less, more "
        f"memory used, or storage gone. {REFUSED}",
        remedy="Let HA bear fewer failures, protect fewer VMs, or switch HA off for this work.",
        press=HA,
        where=XE,
        command="xe pool-param-set uuid=<pool> ha-host-failures-to-tolerate=<number>",
        note="xapi_ha_vm_failover.ml, assert_configuration_change_preserves_ha_plan",
    ),
    "HA_POOL_IS_ENABLED_BUT_HOST_IS_DISABLED": Message(
        title="HA is on, but this server's is not",
        text=f"The pool has HA, and this server could not start its part: it does not take VMs. {REFUSED}",
        remedy="See that it reaches the heartbeat storage and the other servers, then restart its toolstack.",
        press=READ,
        where=CONSOLE,
        command="xe-toolstack-restart",
        note="xapi_ha.ml",
    ),
    "HA_CONSTRAINT_VIOLATION_SR_NOT_SHARED": Message(
        title="A protected VM is on storage that is not shared",
        text="The storage repository ({0}) is not reached by all servers, so the VM could not be restarted "
        f"elsewhere. {REFUSED}",
        remedy="Plug that storage on all servers, move the VM's disks, or do not protect the VM.",
        press=VM,
        where=XE,
        command="xe pbd-list sr-uuid=<SR> params=host-uuid,currently-attached",
        note="xapi_ha_vm_failover.ml; agility.ml",
    ),
    "HA_CONSTRAINT_VIOLATION_NETWORK_NOT_SHARED": Message(
        title="A protected VM is on a network that not all servers have",
        text=f"The network ({{0}}) has no usable interface on at least one server. {REFUSED}",
        remedy="Make the missing bond or VLAN there, give the VM another network, or do not protect the VM.",
        press=NETWORK,
        where=XE,
        command="xe pif-list network-uuid=<network> params=device,currently-attached,host-name-label",
        note="agility.ml",
    ),
    "CANNOT_CREATE_STATE_FILE": Message(
        title="The heartbeat disk could not be made",
        text="On the chosen storage the state file or the metadata disk could not be created. HA stays off.",
        remedy="Choose shared storage with 4 GiB free that all servers have plugged, then switch HA on.",
        press=OUTSIDE,
        where=XE,
        command="xe sr-list shared=true params=uuid,name-label,type,physical-size,physical-utilisation",
        note="xha_statefile.ml",
    ),
    "CANNOT_ENABLE_REDO_LOG": Message(
        title="The redo log could not be switched on",
        text=f"XAPI says: {{0}}. {REFUSED}",
        remedy="Choose shared storage with space left, and not while HA is on: HA brings its own.",
        press=OUTSIDE,
        where=XE,
        command="xe pool-enable-redo-log sr-uuid=<SR>",
        note="xapi_pool.ml, enable_redo_log",
    ),
    "REDO_LOG_IS_ENABLED": Message(
        title="The redo log is on",
        text="While the pool writes every change to its redo log, attached interfaces cannot be reconfigured or "
        f"unplugged. {REFUSED}",
        remedy="Switch the redo log off, do this, and switch it on again.",
        press=OUTSIDE,
        where=XE,
        command="xe pool-disable-redo-log",
        note="xapi_pif.ml, assert_no_protection_enabled",
    ),
    "VM_IS_PROTECTED": Message(
        title="HA protects this VM",
        text=f"HA would restart the VM ({{0}}) at once, so it is not done. {REFUSED}",
        remedy="Take the VM's restart priority away, then do it.",
        press=VM,
        where=XE,
        command="xe vm-param-set uuid=<VM> ha-restart-priority=",
        note="datamodel_errors.ml",
    ),
}
