"""What is not left over in a pool any more, or cannot be put in its place."""

from pools.xapi.messages.message import Message
from pools.xapi.messages.places import PLAN, XE

SUBJECT = "Cleaning a pool"

MESSAGES: dict[str, Message] = {
    "XENWEB_LEFTOVER_MENDED": Message(
        title="Not left over any more",
        text="{0} was chosen, and is in use again, mended or gone. It is left out of the plan and stays as it is.",
        remedy="Nothing has to be done. Read again to see what is left over now.",
        press=PLAN,
        where=XE,
        command="xe vm-list params=uuid,name-label,power-state",
        names=("leftover",),
    ),
    "XENWEB_STORAGE_NOT_THERE": Message(
        title="The storage that was chosen is not there",
        text="The pool has no shared storage {0} that is plugged in.",
        remedy="Choose other storage for this setting, or none.",
        press="On the page of leftovers: choose again.",
        where=XE,
        command="xe sr-list shared=true params=uuid,name-label,type",
        names=("storage",),
    ),
    "XENWEB_NOTHING_LEFT": Message(
        title="There is nothing to clean up",
        text="Nothing was chosen that is still left over. Nothing was changed.",
        remedy="Choose something on the page of leftovers; or leave it: the pool is as it should be.",
        press="On the page of leftovers: choose something.",
        where=XE,
        command="xe pool-list params=default-SR,suspend-image-SR,crash-dump-SR",
    ),
}
