"""What keeps a server in its pool, and what is not as it should be when it has left it."""

from pools.xapi.messages.message import Message

SUBJECT = "Removing a server"

MESSAGES: dict[str, Message] = {
    "XENWEB_POOL_BUSY": Message(
        title="Something else is under way in the pool",
        text="The pool is busy with {0}. XAPI lets the removal wait for it, up to two hours.",
        remedy="Let it end first; or start, and stop the removal while it waits.",
        press="Read again",
        where="the coordinator’s console",
        command="xe task-list params=uuid,name-label,status,progress",
        note="pool_helpers: eject is a waiting operation",
        names=("operation",),
    ),
    "XENWEB_LAST_SERVER": Message(
        title="A pool keeps at least one server",
        text="{0} is the only server that would be left: there is nobody whom it could leave the pool to.",
        remedy="Leave one server out of the choice. A pool of one is what a server on its own is.",
        press="Choose other servers",
        where="the wizard’s first page",
        command="xe host-list",
        names=("server",),
    ),
    "XENWEB_NO_HEIR": Message(
        title="Another server has to coordinate the pool first",
        text="{0} coordinates the pool, and XAPI does not let a coordinator go.",
        remedy="Choose who coordinates the pool afterwards. The role is handed over as the plan’s own step.",
        press="Choose the next coordinator",
        where="the coordinator’s console",
        command="xe pool-designate-new-master host-uuid=<server>",
        note="xapi_pool.ml, eject: Cannot_eject_master",
        names=("server",),
    ),
    "XENWEB_LEAVES_CLUSTER": Message(
        title="The server leaves its cluster, too",
        text="{0} is a member of a cluster for GFS2 storage. It leaves that first; XAPI refuses when too few would "
        "be left, and the server then stays in the pool with its storage unplugged.",
        remedy="See that the cluster has enough members without it.",
        press="Read again",
        where="the coordinator’s console",
        command="xe cluster-host-list params=uuid,host,enabled",
        note="xapi_cluster_host.ml, destroy",
        names=("server",),
    ),
    "XENWEB_LOSS_NOT_DECIDED": Message(
        title="A loss is not decided",
        text="{0} is lost with the server: nobody has said what shall become of it, or it was to be moved and is still "
        "there.",
        remedy="Decide on the page of losses: move it, export it by hand, or accept that it is gone.",
        press="Decide",
        where="the wizard’s page of losses",
        command="xe vdi-list params=uuid,name-label,sr-uuid",
        names=("what is lost",),
    ),
    "XENWEB_VM_ON_SERVER": Message(
        title="A VM is on the server",
        text="{0} is still there, or was started there since: XAPI lets no server go on which a VM is not halted.",
        remedy="Move it to another server, suspend it or shut it down, then try again. XAPI starts nothing on a server "
        "that is disabled: look whether somebody enabled it.",
        press="Check and try again",
        where="the coordinator’s console",
        command="xe vm-migrate vm={0} host=<another server> live=true",
        note="xapi_pool.ml, eject_self",
        names=("VM",),
    ),
    "XENWEB_NOT_ALL_DECIDED": Message(
        title="Something would be lost that nobody decided about",
        text="{0} would take {1} things with it that were not there, or not decided, when the plan was made. Nothing "
        "is destroyed yet.",
        remedy="Read them below. Move them away and try again; or stop, and make the plan anew with them.",
        press="Check and try again",
        where="the coordinator’s console",
        command="xe vm-list params=uuid,name-label,power-state,resident-on",
        names=("server", "things"),
    ),
    "XENWEB_SENT_ONCE": Message(
        title="This call is not sent a second time",
        text="“{0}” was sent once, and it is not there that it had its effect. For one approval it is sent once only: "
        "what it began may still go on, and a second one could destroy more.",
        remedy="Look at the server and at the pool. Has it happened, say so. Has it certainly not, give this operation "
        "up, and plan it anew.",
        press="Give up, then plan it anew",
        where="the coordinator’s console",
        command="xe task-list params=uuid,name-label,status,error-info",
        names=("step",),
    ),
    "XENWEB_STILL_A_MEMBER": Message(
        title="The server came back as a member",
        text="The pool has let {0} go, but it still takes {1} for its coordinator: it was down, or lost its reply, "
        "before it forgot the pool.",
        remedy="On its console, let it forget the pool; it loses what is on its local storage, as planned. Then look "
        "again.",
        press="Look again",
        where="the server’s console",
        command="xe pool-emergency-transition-to-master",
        note="xapi_pool.ml, eject_self; it answers HOST_UNKNOWN_TO_MASTER",
        names=("server", "coordinator"),
    ),
    "XENWEB_HEIR_VERSION": Message(
        title="The next coordinator has another version",
        text="{0} runs {1}, the coordinator {2}. XAPI hands the role over without asking; members with a newer version "
        "than their coordinator then stay in emergency mode.",
        remedy="Choose a server with the coordinator’s version, or bring the pool to one version first.",
        press="Choose the next coordinator",
        where="the coordinator’s console",
        command="xe host-list params=uuid,name-label,software-version",
        note="xapi_pool.ml, designate_new_master; HOST_XAPI_VERSION_HIGHER_THAN_COORDINATOR",
        names=("server", "its version", "the coordinator’s version"),
    ),
    "XENWEB_DISK_IN_USE": Message(
        title="A disk is in use by the server itself",
        text="The control domain of the server holds “{0}” on {1}. XAPI unplugs the storage one after the other and "
        "stops there; what it has unplugged and forgotten by then does not come back.",
        remedy="Find what holds it (a backup, an import, a copy), let that end, and read again.",
        press="Read again",
        where="the coordinator’s console",
        command="xe vbd-list currently-attached=true params=uuid,vm-name-label,vdi-name-label",
        note="xapi_pbd.ml, unplug: VDI_IN_USE",
        names=("disk", "storage"),
    ),
    "XENWEB_STORAGE_BUSY": Message(
        title="Storage of the server is at work",
        text="{0} is busy with {1}. XAPI unplugs the server’s storage one after the other and stops there; what it "
        "has unplugged and forgotten by then does not come back.",
        remedy="Let that end (a copy, an import, a new disk), then try again.",
        press="Check and try again",
        where="the coordinator’s console",
        command="xe sr-list name-label={0} params=uuid,current-operations",
        note="xapi_sr_operations.ml: OTHER_OPERATION_IN_PROGRESS",
        names=("storage", "operation"),
    ),
    "XENWEB_EVACUATION_STOPPED": Message(
        title="The server could not be emptied",
        text="On {0}, {1} did not move ({2}). VMs still there: {3}. Those that had moved stay where they are, and "
        "the server stays disabled. Nothing is destroyed.",
        remedy="Read below which VM refused, and why. Mend that, move it, or shut it down, then try again: only what "
        "is still there moves. Or undo: the server is enabled again.",
        press="Check and try again",
        where="the coordinator’s console",
        command="xe vm-list is-control-domain=false params=uuid,name-label,power-state,resident-on",
        note="xapi_host.ml, evacuate",
        names=("server", "VM", "code", "VMs"),
    ),
    "XENWEB_VM_DID_NOT_MOVE": Message(
        title="The VM did not move",
        text="{0} did not move to {1} ({2}). It runs on where it was, and nothing is destroyed.",
        remedy="Read below why. Mend that and try again; or skip this step: it then moves with the others, to the "
        "server that XAPI finds for it.",
        press="Check and try again, or Decide: skip this step",
        where="the coordinator’s console",
        command="xe vm-list name-label={0} params=uuid,power-state,resident-on",
        note="xapi_vm_migrate.ml; message_forwarding.ml, VM.pool_migrate",
        names=("VM", "server", "code"),
    ),
    "XENWEB_STILL_LISTED": Message(
        title="The pool still shows the server",
        text="{0} has left and is a pool of its own, but {1} did not hear of it and keeps its record. It counts as a "
        "member that is away, until the pool forgets it.",
        remedy="Let the pool forget it (“Forget a dead server”): the server itself is not touched by that. Then look "
        "again.",
        press="Forget it, then look again",
        where="the coordinator’s console",
        command="xe host-forget uuid=<server>",
        note="message_forwarding.ml, Pool.eject: the record is destroyed at its end",
        names=("server", "coordinator"),
    ),
    "XENWEB_RETURNED_OTHERWISE": Message(
        title="The server is not what it was to come back as",
        text="{0} is a pool of its own, and its login works; in {1} points it is not as foretold.",
        remedy="Read the differences below. Mend them on the server and look again; or accept them, with a reason.",
        press="Look again, or Decide: accept it as it is",
        where="the server’s console",
        command="xe pif-list params=uuid,device,management,IP,netmask,gateway,DNS",
        note="xapi_pool.ml, eject_self; scripts/network-init",
        names=("server", "points"),
    ),
    "XENWEB_RETURN_DIFFERS": Message(
        title="Not as foretold",
        text="{0}: foretold was {1}, it is {2}.",
        remedy="Set it as it should be, or accept it.",
        press="Look again, or Decide: accept it as it is",
        where="the server’s console",
        command="xe pif-list params=uuid,device,management,IP,netmask,gateway,DNS",
        names=("what", "foretold", "found"),
    ),
    "XENWEB_HA_ENDS": Message(
        title="High availability stays off",
        text="When {0} has left, one server is left: nobody could restart its VMs. High availability is switched off "
        "for the removal, and not on again.",
        remedy="Leave one server more in the pool, or go on without high availability.",
        press="Choose other servers",
        where="the coordinator’s console",
        command="xe pool-list params=ha-enabled,ha-host-failures-to-tolerate",
        names=("server",),
    ),
    "XENWEB_HA_BEARS_LESS": Message(
        title="High availability bears fewer failures afterwards",
        text="The pool is to bear {0} failures of servers; with the servers that are left it is set to {1}.",
        remedy="Nothing, if that is enough; else leave more servers in the pool.",
        press="Choose other servers",
        where="the coordinator’s console",
        command="xe pool-list params=ha-enabled,ha-host-failures-to-tolerate",
        names=("failures now", "failures afterwards"),
    ),
    "XENWEB_DISK_GONE": Message(
        title="The disk that was to be moved is gone",
        text="{0} is not in the pool any more, and no copy of it was made here.",
        remedy="See who moved or destroyed it. When it is where it should be, skip this step.",
        press="Skip",
        where="the coordinator’s console",
        command="xe vdi-list name-label={0}",
        names=("disk",),
    ),
    "XENWEB_COPY_NOT_WHOLE": Message(
        title="The copy of the disk is not whole",
        text="The copy of {0} on {1} is smaller than the disk, or does not stand in its VM. The disk itself is "
        "untouched.",
        remedy="Look at both. Remove a copy that is not whole, and try again.",
        press="Check and try again",
        where="the coordinator’s console",
        command="xe vdi-list name-label={0} params=uuid,sr-uuid,virtual-size",
        names=("disk", "SR"),
    ),
}
