"""Why a step waits for a person."""

from pools.xapi.messages.message import Message
from pools.xapi.messages.places import CONSOLE as AT_THE_SERVER
from pools.xapi.messages.places import LOOK, PLAN, RETRY

SUBJECT = "Running operations"

MESSAGES: dict[str, Message] = {
    "XENWEB_OUTCOME_UNKNOWN": Message(
        title="It is not known whether a call happened",
        text="No reply came to: {0}. xenweb looked for {1} seconds and found neither that it happened nor that it did "
        "not. Nothing was sent a second time, and nothing else was started.",
        remedy="Look at what is named below. Then retry (xenweb looks again before it sends anything), or say whether "
        "it happened.",
        where="the server's console, or xe",
        press=LOOK,
        command="xe task-list params=uuid,name-label,status,progress",
        names=("call", "seconds"),
    ),
    "XENWEB_NOT_SEEN": Message(
        title="The effect was not seen in time",
        text="“{0}”: nothing failed, but its end was not seen within {1} seconds. What was done so far stays done.",
        remedy="Look at what is named below. When the server is well again, retry: xenweb goes on where it stopped.",
        where="the server's console, or xe",
        press=LOOK,
        command="xe host-list params=name-label,enabled,host-metrics-live",
        names=("step", "seconds"),
    ),
    "XENWEB_FACTS_CHANGED": Message(
        title="The server is not what the plan was made for",
        text="Since the plan was made: {0} Nothing of this step was sent; the steps before it stay done.",
        remedy="Bring the server back to what it was and retry, or skip it, or abandon the rest and make a new plan.",
        press=PLAN,
        where=AT_THE_SERVER,
        command="xe host-list params=uuid,name-label,enabled",
        names=("what changed",),
    ),
    "XENWEB_COORDINATOR_MOVED": Message(
        title="The pool has another coordinator now",
        text="The plan joins servers to {0}, but the pool is coordinated from {1} since. Nothing of this step was "
        "sent; the servers that joined before stay members.",
        remedy="Make {0} the coordinator again and try again; or abandon the rest and add the remaining servers from "
        "the pool's page: that plan is made for the coordinator of now.",
        press=PLAN,
        where=AT_THE_SERVER,
        command="xe pool-list params=master",
        names=("coordinator of the plan", "address of the coordinator now"),
    ),
    "XENWEB_RIGHT_LOST": Message(
        title="Somebody's right was taken away",
        text="{0} started this operation, and he or who approved it no longer holds the role that this needs. The next "
        "step was not begun; the steps before it stay done.",
        remedy="An administrator of the pool can retry the step, and answers for the operation from then on. As long "
        "as a join by force is to come, nobody can answer for it alone: abandon the rest and make a new plan.",
        where="People",
        press="On the operation's page: “Check and try again”, by an administrator of the pool.",
        command="systemctl status xenweb-worker",
        names=("person",),
    ),
    "XENWEB_WORKERS_LOST": Message(
        title="Workers keep dying at this step",
        text="{0} worker processes in a row ended while they worked on this step. No call was sent twice.",
        remedy="Look at the worker's log and its memory. Then retry.",
        where="the machine on which xenweb's workers run",
        press=RETRY,
        command="journalctl -u xenweb-worker -n 100",
        names=("workers",),
    ),
    "XENWEB_STEP_KIND_GONE": Message(
        title="This version does not know the step",
        text="The plan was made by another version of xenweb; this one has no “{0}” of that shape. Nothing was sent.",
        remedy="Abandon the operation and make a new plan; what was done stays done and is seen by the new plan.",
        press="On the operation's page, under “Decide”: “Abandon the operation”; then begin a new one.",
        where=AT_THE_SERVER,
        command="systemctl status xenweb-worker",
        names=("kind of step",),
    ),
    "XENWEB_INTERNAL": Message(
        title="An error inside xenweb",
        text="xenweb itself failed ({0}) while it worked on this step. If a call was in doubt, it is named below.",
        remedy="Retry; xenweb looks at the live state first. If it fails again, report it with the worker's log.",
        where="the worker's log",
        press=RETRY,
        command="journalctl -u xenweb-worker -n 100",
        names=("error",),
    ),
    "XENWEB_NO_UNDO": Message(
        title="This step cannot be undone",
        text="“{0}” has no undo that loses no data. What was done up to it stays done.",
        remedy="Abandon the rest. To take a server out of a pool again, remove it; that erases its local storage.",
        press="On the operation's page, under “Decide”: “Leave it as it is”.",
        where=AT_THE_SERVER,
        command="xe host-list params=uuid,name-label,enabled",
        names=("step",),
    ),
}
