"""Between xenweb and a server: addresses, connections, certificates, stored logins."""

from pools.xapi.messages.message import Message
from pools.xapi.messages.places import CERTIFICATE, CONNECT, LOGIN, LOOK, READ

SUBJECT = "Reaching a server"

PAGE = "the server's page"
CONSOLE = "the server's console"
INSTALLATION = "the settings of xenweb"
FINGERPRINT = "openssl x509 -noout -fingerprint -sha256 -in /etc/xensource/xapi-ssl.pem"
UNKNOWN_OUTCOME = (
    "Connecting, signing in and reading change nothing. Only a step of an operation that was being sent "
    "may or may not have happened: xenweb looks at the live state before it sends anything more."
)

MESSAGES: dict[str, Message] = {
    "XENWEB_UNREACHABLE": Message(
        title="The server cannot be reached",
        text="{0} refuses the connection, or there is no way to it. Nothing was sent; "
        "what xenweb shows of the server is what it last said.",
        remedy="See that the address is right, the server is on, its toolstack runs (xe-toolstack-restart on its "
        "console) and no firewall stands between. A server that has just restarted answers after some minutes.",
        where=CONSOLE,
        press=READ,
        command="xe-toolstack-restart",
        names=("address",),
    ),
    "XENWEB_TIMEOUT": Message(
        title="The server did not answer in time",
        text=f"{{0}} was asked and given enough time, but did not answer; what is shown here is what it last said. "
        f"{UNKNOWN_OUTCOME}",
        remedy="See that the address is right, no firewall swallows the connection, and the server neither hangs "
        "nor is overloaded (its console, xe task-list), then try again.",
        where=CONSOLE,
        press=READ,
        command="xe task-list params=uuid,name-label,status",
        names=("address",),
    ),
    "XENWEB_CONNECTION_LOST": Message(
        title="The connection broke before the answer came",
        text=f"{{0}} closed the connection. {UNKNOWN_OUTCOME}",
        remedy="A toolstack that restarts does this. Wait a minute and try again; nothing is sent twice by itself.",
        where=PAGE,
        press=READ,
        command="systemctl status xapi",
        names=("address",),
    ),
    "XENWEB_NOT_XAPI": Message(
        title="What answers there is not XenServer or XCP-ng",
        text="{0} answered, but not as XAPI does: another service, a proxy, or a damaged reply.",
        remedy="See that the address and port are those of the server's management interface.",
        where="the browser: https:// and the address must show XenServer or XCP-ng",
        press=CONNECT,
        command="curl -ksI https://<address>/",
        names=("address",),
    ),
    "XENWEB_HTTP_ERROR": Message(
        title="The server answered with an error page",
        text=f"{{0}} answered with HTTP status {{1}}: its toolstack is in trouble or starting. {UNKNOWN_OUTCOME}",
        remedy="Wait a minute and try again; if it stays, look into /var/log/xensource.log on the server.",
        where=CONSOLE,
        press=READ,
        command="systemctl status xapi; tail -50 /var/log/xensource.log",
        names=("address", "HTTP status"),
    ),
    "XENWEB_REPLY_TOO_LARGE": Message(
        title="The answer is too large",
        text="{0} sent more than 64 MB, which no pool needs. xenweb stopped reading.",
        remedy="See that the address leads to the server itself. If it does, look for a runaway number of objects "
        "(xe message-list, xe task-list).",
        where="xe on the server",
        press=READ,
        command="xe message-list --minimal; xe task-list --minimal",
        names=("address",),
    ),
    "XENWEB_CERTIFICATE_CHANGED": Message(
        title="The server shows another certificate",
        text="Trusted is {0}, shown was {1}. Nothing was sent, no password either. Either the certificate was renewed, "
        "the server was installed afresh, or somebody stands between.",
        remedy=f"Compare the shown fingerprint at the console ({FINGERPRINT}). If it is the server's, "
        "trust the new certificate and give the password again.",
        where=PAGE,
        press=CERTIFICATE,
        command="openssl x509 -noout -fingerprint -sha256 -in /etc/xensource/xapi-ssl.pem",
        names=("trusted fingerprint", "shown fingerprint"),
    ),
    "XENWEB_CERTIFICATE_NOT_CONFIRMED": Message(
        title="Nobody has confirmed this server's certificate",
        text="xenweb sends nothing to {0} until its certificate is trusted.",
        remedy=f"Compare its fingerprint with the one at the console ({FINGERPRINT}), then confirm it.",
        where=PAGE,
        press=CERTIFICATE,
        command="openssl x509 -noout -fingerprint -sha256 -in /etc/xensource/xapi-ssl.pem",
        names=("server",),
    ),
    "XENWEB_ADDRESS_REFUSED": Message(
        title="xenweb may not connect to this address",
        text="{0} is {1}. Nothing was sent.",
        remedy="Use the server's management address. If it is right, whoever runs xenweb can allow its network "
        "with XENWEB_HOST_NETWORKS.",
        where=INSTALLATION,
        press=CONNECT,
        command="xe pif-list management=true params=IP,device",
        names=("address", "reason"),
    ),
    "XENWEB_PORT_REFUSED": Message(
        title="xenweb may not connect to this port",
        text="Port {0} is not among the allowed ones ({1}). Nothing was sent.",
        remedy="XAPI answers on port 443. For another one, whoever runs xenweb can allow it with XENWEB_HOST_PORTS.",
        where=INSTALLATION,
        press=CONNECT,
        command="ss -ltn",
        names=("port", "allowed ports"),
    ),
    "XENWEB_ADDRESS_INVALID": Message(
        title="This is no address",
        text="“{0}” is neither an IP address nor a host name. Nothing was sent.",
        remedy="Give the address of the server's management interface, without https:// and without a path.",
        where="the address field",
        press=CONNECT,
        command="xe pif-list management=true params=IP,device",
        names=("address",),
    ),
    "XENWEB_NAME_UNKNOWN": Message(
        title="This name is unknown",
        text="The name service knows no address for {0}. Nothing was sent.",
        remedy="Correct the name, or give the server's IP address.",
        where="the address field",
        press=CONNECT,
        command="getent hosts {0}",
        names=("name",),
    ),
    "XENWEB_NO_PINNED_SERVER": Message(
        title="No server of this pool can be trusted",
        text="{0} has no server whose certificate is confirmed, so nothing is sent to it.",
        remedy="Confirm the certificate of one of its servers.",
        where=PAGE,
        press=CERTIFICATE,
        command="openssl x509 -noout -fingerprint -sha256 -in /etc/xensource/xapi-ssl.pem",
        names=("pool",),
    ),
    "XENWEB_OTHER_POOL": Message(
        title="The server belongs to another pool now",
        text="{0} answered for a pool other than the one stored: it was taken out, or installed afresh. "
        "The stored records stay as they were.",
        remedy="Connect a server that is still in this pool; connect the other one anew.",
        where="the Connect page",
        press=CONNECT,
        command="xe pool-list params=uuid,name-label,master",
        names=("server",),
    ),
    "XENWEB_POOL_KNOWN": Message(
        title="This pool is connected already",
        text="The server at {0} belongs to a pool that xenweb has. Nothing was changed.",
        remedy="Open it on the Estate page. If you do not see it there, ask an owner for a role on it.",
        where="the Estate page",
        press=READ,
        command="xe pool-list params=uuid,name-label",
        names=("address",),
    ),
    "XENWEB_SERVER_KNOWN": Message(
        title="This server is connected already, under another certificate",
        text="xenweb knows {0}, and trusts another certificate for it. Nothing was changed.",
        remedy="If the server was installed afresh, disconnect its old pool first; then connect it again.",
        where="the pool's page",
        press=CERTIFICATE,
        command="openssl x509 -noout -fingerprint -sha256 -in /etc/xensource/xapi-ssl.pem",
        names=("server",),
    ),
    "XENWEB_LOGIN_MISSING": Message(
        title="No login is stored for this pool",
        text="xenweb cannot sign in to {0}. What it shows is what the pool last said.",
        remedy="Give the pool's user name and password.",
        where="the pool's page",
        press=LOGIN,
        command="xe -s <address> -u <user> -pw <password> host-list",
        names=("pool",),
    ),
    "XENWEB_LOGIN_UNREADABLE": Message(
        title="The stored login cannot be decrypted",
        text="The login of {0} was encrypted with a key that xenweb does not have any more.",
        remedy="Put the old key back into credential_keys (one a line, newest first), or give the login again.",
        where=INSTALLATION,
        press=LOGIN,
        command="ls -l var/keys",
        names=("pool",),
    ),
    "XENWEB_TASK_GONE": Message(
        title="XAPI forgot the task before it was read",
        text="{0} no longer has the task: its toolstack restarted, or too many tasks came after it. "
        "Whether the call succeeded is not known from the task.",
        remedy="xenweb looks at the live state. If that does not decide, compare it with the plan yourself.",
        where=PAGE,
        press=LOOK,
        command="xe task-list params=uuid,name-label,status",
        names=("address",),
    ),
}
