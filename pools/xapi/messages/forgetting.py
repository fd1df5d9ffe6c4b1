"""What forbids that a pool forgets a server, or gets another coordinator in an emergency."""

from pools.xapi.messages.message import Message

SUBJECT = "A server that does not answer"

MESSAGES: dict[str, Message] = {
    "XENWEB_NOT_IN_POOL": Message(
        title="The pool does not know this server",
        text="{0} is not among the servers of the pool: it was forgotten or removed already.",
        remedy="There is nothing to do. Read the pool again, and take the server off xenweb.",
        press="Read again",
        where="the coordinator’s console",
        command="xe host-list params=uuid,name-label",
        names=("server",),
    ),
    "XENWEB_DEAD_COORDINATOR": Message(
        title="This server coordinates the pool",
        text="{0} coordinates the pool: no other server can forget it.",
        remedy="Choose another coordinator first; afterwards the pool can forget this one.",
        press="Choose another coordinator",
        where="a member’s console",
        command="xe pool-emergency-transition-to-master",
        note="xapi_host.ml, precheck_destroy_declare_dead",
        names=("server",),
    ),
    "XENWEB_IT_ANSWERS": Message(
        title="The server is not dead: it answers",
        text="{0} answered xenweb just now: {1}. A server that runs must not be declared dead: its VMs would run "
        "twice.",
        remedy="Remove it from its pool in the ordinary way; or, if its toolstack alone is in trouble, restart that.",
        press="Remove it instead",
        where="the server’s console",
        command="xe-toolstack-restart",
        names=("server", "answer"),
    ),
    "XENWEB_STILL_REPORTED": Message(
        title="The pool has not noticed yet",
        text="The pool still counts {0} as alive: XAPI believes in a silent server for ten minutes. It then tries to "
        "reach it once more, and goes on only when that fails.",
        remedy="Wait ten minutes for a second opinion; or go on, if you know that it is off.",
        press="Read again",
        where="the coordinator’s console",
        command="xe host-list params=name-label,host-metrics-live",
        note="xapi_globs.ml, host_assumed_dead_interval",
        names=("server",),
    ),
    "XENWEB_NOT_STATED_DEAD": Message(
        title="Nobody has stated that the server is dead",
        text="That {0} does not answer proves little: its network may be down while its VMs run.",
        remedy="Look at its power (IPMI, the button, the cable). When it is certainly off, type its name.",
        press="Type its name",
        where="the server’s management board",
        command="ipmitool chassis power status",
        names=("server",),
    ),
    "XENWEB_NO_ROOM_ELSEWHERE": Message(
        title="A VM may find no memory on the other servers",
        text="The servers that can run {0} have less memory free than it may take, after those that start before it.",
        remedy="Start fewer VMs, or shut others down first. XAPI is asked all the same; what it refuses stays halted.",
        press="Choose what starts",
        where="the coordinator’s console",
        command="xe host-list params=name-label,memory-free",
        note="xapi_vm_helpers.ml, assert_can_boot_here",
        names=("VM",),
    ),
    "XENWEB_HEIR_SILENT": Message(
        title="Who is to take over does not answer",
        text="{0} does not answer xenweb: it cannot be told to coordinate the pool.",
        remedy="Choose another server, or bring this one back first.",
        press="Choose another server",
        where="the server’s console",
        command="xe host-is-in-emergency-mode",
        names=("server",),
    ),
    "XENWEB_OTHER_COORDINATOR": Message(
        title="The pool has another coordinator already",
        text="{0} says that {1} coordinates the pool. To promote a second one would split it.",
        remedy="Connect the pool again by that server’s address, and go on from there.",
        press="Read the pool again",
        where="that server’s console",
        command="xe pool-list params=master",
        names=("server", "coordinator"),
    ),
    "XENWEB_MEMBER_SILENT": Message(
        title="A member does not answer",
        text="{0} does not answer xenweb. It may still follow the old coordinator, and does not learn of the new one "
        "until it is told.",
        remedy="Look at it first, if you can. Otherwise point it at the new coordinator when it is back.",
        press="Read again",
        where="that server’s console",
        command="xe pool-emergency-reset-master master-address=<new coordinator>",
        names=("server",),
    ),
}
