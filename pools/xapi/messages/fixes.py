"""What forbids a fix, or should be known before it runs."""

from pools.xapi.messages.message import Message

SUBJECT = "Fixes before a join"

MESSAGES: dict[str, Message] = {
    "XENWEB_NOTHING_TO_FIX": Message(
        title="There is nothing left to mend",
        text="What this fix is for is not there any more on {0}. Nothing was changed.",
        remedy="Go back to the checks: the server is examined again there.",
        names=("server",),
    ),
    "XENWEB_FIX_NO_OTHER_HOST": Message(
        title="There is no other host to move VMs to",
        text="{0} is the only live, enabled host of its pool; VMs do not move to another pool by this fix.",
        remedy="Shut the VMs down or suspend them. To keep them running elsewhere, migrate them there first, with "
        "their storage (xe vm-migrate remote-master=…).",
        where="xe on the server, or XenCenter",
        names=("server",),
    ),
}
