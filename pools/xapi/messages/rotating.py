"""What keeps a pool from a new secret, and what is left when a rotation stops half-way (xapi_psr.ml)."""

from pools.xapi.messages.message import Message
from pools.xapi.messages.places import CONSOLE, LOOK, PLAN, XE

SUBJECT = "The pool’s secret"

MESSAGES: dict[str, Message] = {
    "XENWEB_ROTATION_BUSY": Message(
        title="Something else is under way in the pool",
        text="The pool is busy with {0}. XAPI refuses a rotation meanwhile; it does not wait.",
        remedy="Let that end, then make the plan again.",
        press=PLAN,
        where=XE,
        command="xe task-list params=uuid,name-label,status,progress",
        note="xapi_pool_helpers.ml, assert_no_pool_ops",
        names=("operation",),
    ),
    "XENWEB_ROTATION_AWAY": Message(
        title="A server of the pool is not heard",
        text="{0} does not report to the pool. XAPI rotates the secret only while every server is there: one that is "
        "away would not learn it, and find no pool when it comes back.",
        remedy="Bring the server back. If it is dead, let the pool forget it first (its page, “It does not answer”). "
        "Then make the plan again.",
        press=PLAN,
        where=CONSOLE,
        command="xe host-list params=uuid,name-label,host-metrics-live",
        note="xapi_psr.ml, start: CANNOT_CONTACT_HOST",
        names=("server",),
    ),
    "XENWEB_ROTATION_GOES_ON": Message(
        title="A rotation was left half-way",
        text="Somebody began to rotate the secret, and it has not ended: until it has, nobody joins or leaves the "
        "pool. XAPI goes on where it stopped.",
        remedy="Go on: this plan ends it. Should another one run at this moment, XAPI refuses this one, and nothing "
        "is lost.",
        press=PLAN,
        where=XE,
        command="xe pool-list params=is-psr-pending",
        note="xapi_psr.ml, start: the checkpoint",
    ),
    "XENWEB_ROTATION_HALF": Message(
        title="The rotation stopped half-way",
        text="XAPI says {0}: {1}. All servers still understand each other, by the old secret or the new; but nobody "
        "joins or leaves the pool until the rotation has ended.",
        remedy="See that the server named there is on and reached by the management network. Then give this "
        "operation up and plan the rotation anew: XAPI goes on where it stopped.",
        press=LOOK,
        where=CONSOLE,
        command="xe pool-list params=is-psr-pending",
        note="xapi_psr.ml: a failed rotation stays pending, and is to be run again",
        names=("code", "what XAPI says"),
    ),
}
