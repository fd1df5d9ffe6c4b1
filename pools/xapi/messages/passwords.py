"""What forbids a new password, or should be known when it was not set."""

from pools.xapi.messages.message import Message
from pools.xapi.messages.places import CONSOLE, LOGIN

SUBJECT = "Passwords of servers"
AGAIN = "On the server's page, in its menu: “New password…”."
COMMAND = "xe user-password-change old=<old> new=<new>"

MESSAGES: dict[str, Message] = {
    "XENWEB_PASSWORD_ERASED": Message(
        title="The new password is not kept any more",
        text="The new password of {0} was typed more than a day ago, and erased. The server has its old one.",
        remedy="Type it again; a plan of its own is made for it.",
        where=CONSOLE,
        press=AGAIN,
        command=COMMAND,
        names=("server",),
    ),
    "XENWEB_POOLS_PASSWORD": Message(
        title="The password is its pool’s",
        text="{0} is one of {1} servers of a pool. XAPI gives a new password to all of them.",
        remedy="Change it on the coordinator for the whole pool, then store it here; or remove the server first.",
        where=CONSOLE,
        press=LOGIN,
        command=COMMAND,
        note="xapi_session.ml, change_password",
        names=("server", "servers"),
    ),
    "XENWEB_ONLY_ROOT": Message(
        title="Only root’s password can be changed",
        text="xenweb signs in to {0} as {1}, a user of a directory: that password belongs to the directory.",
        remedy="Store the login of root first, or change the password in the directory.",
        where=CONSOLE,
        press=LOGIN,
        command=COMMAND,
        note="datamodel.ml, session.change_password (local root only)",
        names=("server", "user"),
    ),
}
