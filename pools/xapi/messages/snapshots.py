"""What keeps xenweb from saving a server's network."""

from pools.xapi.messages.message import Message

SUBJECT = "Network snapshots"

MESSAGES: dict[str, Message] = {
    "XENWEB_NOT_READ": Message(
        title="Nobody has read the server yet",
        text="The snapshot was asked for, and no worker of xenweb came to it within a minute and a half. Nothing was "
        "changed on the server.",
        remedy="Take the snapshot again. If it happens again, look whether xenweb’s desk runs.",
        press="Take a snapshot now",
        where="xenweb’s own machine",
        command="curl --silent http://127.0.0.1:8000/readyz",
    ),
    "XENWEB_SNAPSHOT_INCOMPLETE": Message(
        title="The network of the server could not be saved whole",
        text="Of {0} not everything could be read: {1} Without it, neither the console runbook nor what is rebuilt "
        "afterwards would be whole. Nothing was removed.",
        remedy="Look whether the server reports to its pool, and whether the pool answers. Then try again.",
        press="Try again",
        where="the coordinator’s console",
        command="xe host-list params=uuid,name-label,host-metrics-live",
        names=("server", "what is missing"),
    ),
}
