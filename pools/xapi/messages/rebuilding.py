"""What keeps a network from being rebuilt out of its snapshot."""

from pools.xapi.messages.message import Message

SUBJECT = "Rebuilding a network"

MESSAGES: dict[str, Message] = {
    "XENWEB_SNAPSHOT_GONE": Message(
        title="There is no whole snapshot to rebuild from",
        text="The network snapshot of {0} that this rests on is gone, changed, or was never complete.",
        remedy="Choose another snapshot of this server, or set its network up by hand.",
        press="Choose another snapshot",
        where="the server’s console",
        command="xe pif-list params=uuid,device,MAC,IP",
        names=("server",),
    ),
    "XENWEB_CARD_GONE": Message(
        title="A card of the snapshot is not in the server",
        text="{0} had {1} when the snapshot was taken; no interface has its MAC address now.",
        remedy="See that the card is in its slot, and have the server look for cards. Or leave out what rests on it.",
        press="Read again",
        where="the server’s console",
        command="xe pif-scan host-uuid=<server>",
        names=("server", "card"),
    ),
    "XENWEB_OTHER_BOND": Message(
        title="Another bond of these cards is there",
        text="{0} has a bond of the same cards already, with other values than the snapshot’s: {1}. It is left alone.",
        remedy="Skip this step if that bond may stay. Otherwise remove it on the server, and try again.",
        press="Skip, or check and try again",
        where="the server’s console",
        command="xe bond-list params=uuid,master,slaves,mode",
        names=("server", "bond"),
    ),
}
