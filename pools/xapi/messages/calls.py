"""What any call may answer, whatever it is about."""

from pools.xapi.messages.message import Message

SUBJECT = "Calls, values and tasks"

XE = "xe on the pool, or XenCenter"
LOG = "/var/log/xensource.log on the server"
REFUSED = "The call was refused before it did anything."
ODD = "This should not happen: please report it with the server's version."

MESSAGES: dict[str, Message] = {
    "HANDLE_INVALID": Message(
        title="Something is no longer there",
        text=f"A {{0}} that xenweb just read does not exist any more: somebody else changed the pool. {REFUSED}",
        remedy="Read the pool again, and look at the plan anew.",
    ),
    "UUID_INVALID": Message(
        title="Something is not there",
        text=f"The pool has no {{0}} with the UUID {{1}}. {REFUSED}",
        remedy="Read the pool again, and look at the plan anew.",
    ),
    "INTERNAL_ERROR": Message(
        title="XAPI failed inside",
        text="It says: {0}. How far the call came is not known.",
        remedy=f"Look into {LOG} at this time. xenweb reads the live state before it goes on.",
        where=LOG,
    ),
    "OTHER_OPERATION_IN_PROGRESS": Message(
        title="Something else is going on",
        text=f"The {{0}} is busy with {{2}}. {REFUSED}",
        remedy="Wait until that is done (xe task-list shows it), then try again.",
        where=XE,
    ),
    "OPERATION_BLOCKED": Message(
        title="Somebody has blocked this on purpose",
        text=f"The object carries a block for this operation: {{1}}. {REFUSED}",
        remedy="Ask whoever set it, or remove it (blocked-operations in xe).",
        where=XE,
    ),
    "OPERATION_PARTIALLY_FAILED": Message(
        title="Part of it failed",
        text="XAPI did some of it and not all: {0}.",
        remedy="Read the pool again and compare it with what was meant.",
        where=XE,
    ),
    "TASK_CANCELLED": Message(
        title="Somebody cancelled the task",
        text="XAPI stopped it. What was done until then stays.",
        remedy="Look at the live state, then try again.",
        where=XE,
    ),
    "TOO_MANY_PENDING_TASKS": Message(
        title="The pool is overloaded with tasks",
        text=REFUSED,
        remedy="Wait until tasks have ended (xe task-list), then try again.",
        where=XE,
    ),
    "TOO_BUSY": Message(
        title="The server is too busy",
        text=REFUSED,
        remedy="Wait a minute, then try again.",
    ),
    "INVALID_VALUE": Message(
        title="XAPI does not accept a value",
        text=f"{{0}}: “{{1}}”. {REFUSED}",
        remedy="Correct the value, then try again.",
    ),
    "VALUE_NOT_SUPPORTED": Message(
        title="The server does not support a value",
        text=f"{{0}} cannot be “{{1}}”: {{2}}. {REFUSED}",
        remedy="Choose another value, then try again.",
    ),
    "FIELD_TYPE_ERROR": Message(
        title="XAPI expected another kind of value",
        text=f"The field is {{0}}. {REFUSED} {ODD}",
        remedy=f"Look into {LOG}.",
        where=LOG,
    ),
    "MAP_DUPLICATE_KEY": Message(
        title="The key is there already",
        text=f"{{1}} of the {{0}} has a key {{3}}. {REFUSED}",
        remedy="Read the pool again, then try again.",
    ),
    "DB_UNIQUENESS_CONSTRAINT_VIOLATION": Message(
        title="XAPI has this already",
        text=f"{{1}} of {{0}} must be unique, and “{{2}}” is taken. {REFUSED}",
        remedy="Read the pool again, then choose another value.",
    ),
    "MESSAGE_METHOD_UNKNOWN": Message(
        title="The server is too old for this",
        text=f"Its XAPI does not know {{0}}. {REFUSED}",
        remedy="Update the server to a supported release.",
        where="XenCenter, or yum update on the server",
    ),
    "MESSAGE_REMOVED": Message(
        title="The server is too new for this",
        text=f"Its XAPI no longer has this call. {REFUSED}",
        remedy="Update xenweb.",
    ),
    "MESSAGE_PARAMETER_COUNT_MISMATCH": Message(
        title="The server's XAPI has another form of this call",
        text=f"{{0}} expects {{1}} values and got {{2}}. {REFUSED}",
        remedy="Bring the server and xenweb to supported releases.",
    ),
    "NOT_IMPLEMENTED": Message(
        title="The server cannot do this",
        text=f"Its XAPI has no {{0}}. {REFUSED}",
        remedy="Update the server to a supported release.",
    ),
    "FEATURE_RESTRICTED": Message(
        title="The licence does not allow this",
        text=f"The feature {{0}} is not part of the pool's licence. {REFUSED}",
        remedy="License the pool for it (xe host-apply-edition), or go without.",
        where=XE,
    ),
    "LICENSE_EXPIRED": Message(
        title="The licence has expired",
        text=REFUSED,
        remedy="Renew the licence (xe host-apply-edition), then try again.",
        where=XE,
    ),
    "OUT_OF_SPACE": Message(
        title="A disk of the server is full",
        text="There is no space left at {0}. How far the call came is not known.",
        remedy="Free space on the control domain (old logs in /var/log, old updates), then look at the live state.",
        where="the server's console",
    ),
    "SR_BACKEND_FAILURE": Message(
        title="The storage driver failed",
        text="It says: {0} {1} {2}.",
        remedy="Look into /var/log/SMlog on the server and at the storage itself.",
        where="the server's console",
    ),
    "EVENT_FROM_TOKEN_PARSE_FAILURE": Message(
        title="XAPI lost its place in the events",
        text="Its toolstack restarted meanwhile. Nothing is lost: xenweb reads everything again.",
        remedy="Try again.",
    ),
    "Fault": Message(
        title="XAPI cannot do this as a task",
        text=f"It says: {{0}}. {REFUSED}",
        remedy="Update the server to a supported release.",
    ),
}
