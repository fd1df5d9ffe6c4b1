"""Why an operation waits for a person."""

from pools.xapi.messages.message import Message

OPERATION = "the operation's page"

MESSAGES: dict[str, Message] = {
    "XENWEB_OUTCOME_UNKNOWN": Message(
        title="It is not known whether the call took effect",
        text="In doubt: {0}. For {1} seconds the servers have not shown whether it happened. "
        "xenweb sends it no second time by itself.",
        remedy="Look at the servers named in the evidence, then say whether it is done or not done, or give up.",
        where=OPERATION,
    ),
    "XENWEB_NOT_SEEN": Message(
        title="The result is not there yet",
        text="“{0}”: no failure was reported, but its result has not been seen for {1} seconds.",
        remedy="Look at the server itself. If it needs more time, try the step again: that only looks anew.",
        where=OPERATION,
    ),
    "XENWEB_FACTS_CHANGED": Message(
        title="The plan no longer fits",
        text="Since it was made something has changed: {0}. Nothing more has been sent; what is done stays done.",
        remedy="Undo that change and try the step again, or stop here and make a new plan.",
        where=OPERATION,
    ),
    "XENWEB_RIGHT_LOST": Message(
        title="Whoever started this may not do it any more",
        text="{0} no longer holds the role that this operation needs. Nothing more has been sent.",
        remedy="Somebody who holds the role can resume or stop it; an owner can give the role back.",
        where=OPERATION,
    ),
    "XENWEB_WORKERS_LOST": Message(
        title="Workers died over this step",
        text="{0} workers in a row ended while they worked on it. What was sent before stands in the journal.",
        remedy="Look at the logs of the workers (memory, disk), then try the step again.",
        where="the machine that runs xenweb",
    ),
    "XENWEB_STEP_KIND_GONE": Message(
        title="This release does not know the step",
        text="The plan was made by another release of xenweb, whose step {0} is no longer there. Nothing was sent.",
        remedy="Skip the step with a reason or stop, then make a new plan.",
        where=OPERATION,
    ),
    "XENWEB_NO_UNDO": Message(
        title="This step cannot be undone",
        text="“{0}” is a point of no return: undoing it would lose data. The steps after it are undone, this one and "
        "those before it stay.",
        remedy="Keep what there is, or take it back by hand, knowing what is lost.",
        where=OPERATION,
    ),
    "XENWEB_INTERNAL": Message(
        title="xenweb itself failed",
        text="An error that should not happen ({0}) stopped the step. What was sent before stands in the journal.",
        remedy="Try the step again: it first looks at the live state. If it fails again, report it with the log.",
        where="the log of the worker",
    ),
}
