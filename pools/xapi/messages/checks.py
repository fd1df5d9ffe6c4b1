"""What xenweb's own checks find before a join."""

from pools.xapi.messages.message import Message
from pools.xapi.messages.places import CHECK, CHOOSE, PLAN
from pools.xapi.messages.places import CONSOLE as AT_THE_SERVER

SUBJECT = "What xenweb checks"

ON_SERVER = "xe on the server, or XenCenter"
ON_CONSOLE = "the server's console"

MESSAGES: dict[str, Message] = {
    "XENWEB_UNREADABLE": Message(
        title="Not everything could be read",
        text="Of {0} this could not be read: {1}. Whether the rule holds is not known, and xenweb does not guess.",
        remedy="See that the server answers and that its login and certificate are right, then check again.",
        where="the server's page",
        press=CHECK,
        command="xe host-list params=uuid,name-label,enabled",
        names=("server", "what"),
    ),
    "XENWEB_ALREADY_IN_POOL": Message(
        title="The server is in another pool",
        text="It is a member of {0}, coordinated by {1}. It works there undisturbed.",
        remedy="Leave it out. To move it, take it out of that pool first (xe pool-eject): "
        "that erases its local disks and resets its network.",
        where="xe on its coordinator, or XenCenter",
        press=CHOOSE,
        command="xe host-list params=uuid,name-label,address",
        names=("pool", "coordinator"),
    ),
    "XENWEB_POOL_SIZE_RESTRICTED": Message(
        title="The pool's licence allows three servers",
        text="The pool would have {0} servers already. XAPI would report the join as a success, drop the server's "
        "record, and leave the server in emergency mode. So xenweb does not begin.",
        remedy="License every server of the pool for larger pools (xe host-apply-edition), or leave this one out.",
        where=ON_SERVER,
        press=CHOOSE,
        command="xe pool-param-get uuid=<pool> param-name=restrictions",
        note="xapi_host.ml, create",
        names=("servers",),
    ),
    "XENWEB_MORE_THAN_16": Message(
        title="More than 16 servers",
        text="The pool would have {0} servers. XAPI allows it; older releases are supported up to 16 only.",
        remedy="See what the maker of your release supports, or make two pools.",
        where="the maker's list of configuration limits",
        press=CHOOSE,
        command="xe host-list --minimal",
        names=("servers",),
    ),
    "XENWEB_MORE_THAN_64": Message(
        title="More than 64 servers",
        text="The pool would have {0} servers. XAPI has no limit, but no release is supported beyond 64.",
        remedy="Take servers out of the list, or make two pools.",
        where="the maker's list of configuration limits",
        press=CHOOSE,
        command="xe host-list --minimal",
        names=("servers",),
    ),
    "XENWEB_DUPLICATE_NAME": Message(
        title="Another server has the same name",
        text="The name {0} is in use. XAPI allows it, but people will act on the wrong server one day.",
        remedy="Rename one of them (xe host-param-set uuid=… name-label=…).",
        where=ON_SERVER,
        press=CHECK,
        command="xe host-param-set uuid=<host> name-label=<new name>",
        names=("name",),
    ),
    "XENWEB_PUBLIC_MANAGEMENT_ADDRESS": Message(
        title="Management on a public address",
        text="{0} can be reached from the internet unless a firewall prevents it. "
        "Logins, VM memory and disks on the move would pass there.",
        remedy="Use the server's private address (10.x.x.x in a default installation): "
        "change it under Network and Management Interface, and connect the server again.",
        where=ON_CONSOLE,
        press=CHECK,
        command="xe pif-list management=true params=uuid,device,IP,gateway",
        names=("address",),
    ),
    "XENWEB_DHCP_MANAGEMENT": Message(
        title="The management address comes from DHCP",
        text="Members find their coordinator by its address. If DHCP on {0} ever gives another one, the pool breaks.",
        remedy="Give it a static address (xe pif-reconfigure-ip), or reserve its address in the DHCP server.",
        where=ON_CONSOLE,
        press=CHECK,
        command="xe pif-reconfigure-ip uuid=<PIF> mode=static IP=<address> netmask=<netmask> gateway=<gateway>",
        names=("interface",),
    ),
    "XENWEB_CLOCK_SKEW": Message(
        title="The clocks differ",
        text="The server's clock is {0} s {1} of the coordinator's. XAPI does not look at it when joining; "
        "certificates, sign-in through a directory and HA fail later.",
        remedy="Give both sides the same NTP servers and wait until the clocks agree. "
        "Up to 5 minutes is a warning, more stops the join.",
        where=ON_CONSOLE,
        press=CHECK,
        command="timedatectl; chronyc sources",
        note="db_gc.ml, detect_clock_skew",
        names=("seconds", "ahead or behind"),
    ),
    "XENWEB_VM_ALREADY_IN_POOL": Message(
        title="A VM of this server is in the pool already",
        text="XAPI joins the server, but then leaves out all VMs of it, without a word, because of: {0}. "
        "Their disks stay.",
        remedy="Export or delete one of the two copies before the join.",
        where=ON_SERVER,
        press=CHECK,
        command="xe vm-export uuid=<VM> filename=<file>",
        note="import.ml; xapi_pool.ml, ignore_error",
        names=("VMs",),
    ),
    "XENWEB_NOT_ASKED_BY_OLDER": Message(
        title="XAPI does not look at this here",
        text="Toolstacks from {1} on refuse such a join with {0}. The server's is older and does not look: it joins, "
        "and the difference comes into the pool with it.",
        remedy="Look {0} up in the dictionary of errors and mend it before the join, or go on knowingly.",
        where=ON_SERVER,
        press=CHECK,
        command="xe host-param-get uuid=<server> param-name=software-version param-key=xapi",
        note="xapi_pool.ml, pre_join_checks",
        names=("code", "release"),
    ),
    "XENWEB_JOIN_FORCED": Message(
        title="The join will be forced",
        text="It skips XAPI's check of software versions, and no other. While the versions differ, the pool is in "
        "rolling-upgrade mode, in which XAPI refuses many operations. The reason given: {0}",
        remedy="Bring the server to the pool's updates soon after the join. To withdraw, take the force back.",
        press="Checks page, at this finding: “Change or withdraw”",
        where="XenCenter or yum on the server, for its updates",
        command="xe pool-join master-address=<coordinator> master-username=root force=true",
        note="xapi_pool.ml, assert_hosts_homogeneous; db_gc.ml, detect_rolling_upgrade",
        names=("reason",),
    ),
    "XENWEB_HA_SWITCHED": Message(
        title="HA will be switched off and on again",
        text="XAPI refuses this while HA is on. The plan switches it off at its beginning and on again, with the same "
        "heartbeat storage, at its end. In between no VM is restarted when a server fails.",
        remedy="Choose a quiet hour. To withdraw, choose to leave HA as it is; then there is no plan while HA is on.",
        where="the wizard’s page where HA is chosen",
        press=PLAN,
        command="xe pool-ha-enable heartbeat-sr-uuids=<shared SR>",
    ),
    "XENWEB_CPU_LEVELLED": Message(
        title="The pool loses processor features",
        text="VMs started after the join will no longer get: {0}. VMs that run keep what they have.",
        remedy="If programs need these features, leave this server out. Otherwise nothing needs to be done.",
        where="the makers of the programs that need these features",
        press=CHOOSE,
        command="xe pool-param-get uuid=<pool> param-name=cpu-info",
        note="create_misc.ml, create_pool_cpuinfo",
        names=("features",),
    ),
    "XENWEB_CPU_VMS_MUST_RESTART": Message(
        title="Running VMs could not move to this server",
        text="They use processor features that it lacks: {0}. They run on where they are.",
        remedy="Shut them down and start them again after the join; then they can move.",
        where=ON_SERVER,
        press=CHECK,
        command="xe vm-param-get uuid=<VM> param-name=last-boot-CPU-flags",
        note="cpuid_helpers.ml, assert_vm_is_compatible",
        names=("VMs",),
    ),
    "XENWEB_CPU_FEATURES_HIDDEN": Message(
        title="Some processor features will be hidden",
        text="The pool does not offer these features, so VMs will not see them on this server: {0}.",
        remedy="Nothing needs to be done.",
        press=PLAN,
        where=AT_THE_SERVER,
        command="xe host-param-get uuid=<host> param-name=cpu_info",
        note="create_misc.ml, create_pool_cpuinfo",
        names=("features",),
    ),
}
