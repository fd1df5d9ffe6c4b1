"""Signing in, rights, and servers that are not ready to be asked."""

from pools.xapi.messages.message import Message
from pools.xapi.messages.places import CONNECT, LOGIN, LOOK, RETRY

SUBJECT = "Signing in and rights"

POOL_PAGE = "the pool's page"
CONSOLE = "the server's console"
NOT_DONE = "The call was refused before it did anything."

MESSAGES: dict[str, Message] = {
    "SESSION_AUTHENTICATION_FAILED": Message(
        title="Wrong user name or password",
        text="The server does not accept this login for {0}. Nothing was changed.",
        remedy="Give the right login. After a join a server's password is the pool's.",
        where=POOL_PAGE,
        press=LOGIN,
        command="xe -s <address> -u {0} -pw <password> host-list",
        note="xapi_session.ml, login_with_password: the server waits 5 s before it says no",
    ),
    "SESSION_AUTHORIZATION_FAILED": Message(
        title="The login is right, but has no access",
        text="The directory knows {0}, but this pool does not admit him. XAPI says: {1}.",
        remedy="Add the user or his group to the pool (xe subject-add), or use another login.",
        where="xe on the pool, or XenCenter",
        press=LOGIN,
        command="xe subject-add subject-name={0}",
        note="xapi_session.ml",
    ),
    "RBAC_PERMISSION_DENIED": Message(
        title="The stored login may not do this",
        text=f"It lacks the permission {{0}}. {NOT_DONE}",
        remedy="Store a login with the role pool-operator or pool-admin, or give the present one that role "
        "(xe subject-role-add).",
        where=POOL_PAGE,
        press=LOGIN,
        command="xe subject-role-add uuid=<subject> role-name=pool-operator",
        note="rbac.ml",
    ),
    "PERMISSION_DENIED": Message(
        title="The stored login may not do this",
        text=f"{NOT_DONE} XAPI says: {{0}}.",
        remedy="Store a login with the role pool-operator or pool-admin.",
        where=POOL_PAGE,
        press=LOGIN,
        command="xe subject-list params=subject-identifier,roles",
        note="datamodel_errors.ml",
    ),
    "USER_IS_NOT_LOCAL_SUPERUSER": Message(
        title="Only root may do this",
        text=f"{NOT_DONE} XAPI says: {{0}}.",
        remedy="Store root's login for this pool.",
        where=POOL_PAGE,
        press=LOGIN,
        command="xe -s <address> -u root -pw <password> host-list",
        note="xapi_session.ml",
    ),
    "SESSION_INVALID": Message(
        title="The session has ended",
        text=f"The toolstack restarted, or the session was ended. {NOT_DONE}",
        remedy="Try again: xenweb signs in anew. It never does so silently in the middle of a change.",
        press=RETRY,
        where=CONSOLE,
        command="xe host-list params=name-label,enabled",
        note="session_check.ml, check",
    ),
    "HOST_IS_SLAVE": Message(
        title="The server is a member of a pool",
        text="Its coordinator is {0}; only that one can be asked. Nothing was changed.",
        remedy="Connect the coordinator, or confirm its certificate if it is new.",
        where="the Connect page",
        press=CONNECT,
        command="cat /etc/xensource/pool.conf",
        note="xapi_session.ml, login_with_password: before any password is looked at",
    ),
    "HOST_HAS_NO_MANAGEMENT_IP": Message(
        title="The server waits for an address",
        text="Its management interface has no IP address, so it cannot talk to its coordinator.",
        remedy="See that DHCP answers, or set the address (xe pif-reconfigure-ip).",
        where=CONSOLE,
        press=LOOK,
        command="ip -brief address; tail -50 /var/log/xensource.log",
        note="xapi.ml, wait_for_management_ip_address",
    ),
    "HOST_ITS_OWN_SLAVE": Message(
        title="The server is set to obey itself",
        text="Its configuration names its own address as the coordinator's.",
        remedy="Make it a coordinator (xe pool-emergency-transition-to-master), or give it the right one "
        "(xe pool-emergency-reset-master).",
        where=CONSOLE,
        press=LOOK,
        command="xe pool-emergency-reset-master master-address=<coordinator>",
        note="xapi.ml",
    ),
    "HOST_BROKEN": Message(
        title="The server's toolstack is broken",
        text="A change of its role has failed half-way. Its VMs go on running.",
        remedy="Restart the toolstack (xe-toolstack-restart), then look into /var/log/xensource.log.",
        where=CONSOLE,
        press=LOOK,
        command="xe-toolstack-restart",
        note="xapi.ml; xapi_pool_transition.ml",
    ),
    "HOST_IN_EMERGENCY_MODE": Message(
        title="The server is in emergency mode",
        text="It has lost its coordinator. Its VMs go on running; nothing can be changed on it.",
        remedy="Bring the coordinator back, or make another server the coordinator.",
        where=CONSOLE,
        press=LOOK,
        command="xe host-is-in-emergency-mode",
        note="no raise in current xapi: old servers may still send it",
    ),
    "CANNOT_CONTACT_HOST": Message(
        title="The coordinator cannot reach a member",
        text="XAPI could not contact the member ({0}), though it may still count as live for ten minutes. "
        "Whether the member did something is not known.",
        remedy="See that the member is on and its management network works, then try again.",
        where=CONSOLE,
        press=LOOK,
        command="xe host-list params=uuid,name-label,address,host-metrics-live",
        note="message_forwarding.ml, do_op_on_common: ten attempts, ten seconds apart",
    ),
    "HOST_OFFLINE": Message(
        title="A member is offline",
        text="The pool has not heard of the member ({0}). Nothing was changed on it.",
        remedy="Start it, wait until it is live, then try again.",
        where=CONSOLE,
        press=RETRY,
        command="xe host-list params=uuid,name-label,address,host-metrics-live",
        note="message_forwarding.ml, check_live",
    ),
    "HOST_NOT_LIVE": Message(
        title="A member is not live",
        text="The pool has not heard of it. Nothing was changed on it.",
        remedy="Start it, wait until it is live, then try again.",
        where=CONSOLE,
        press=RETRY,
        command="xe host-list params=uuid,name-label,address,host-metrics-live",
        note="xapi_vm_helpers.ml, assert_can_boot_here",
    ),
    "HOST_DISABLED": Message(
        title="The server is disabled",
        text=f"It takes no VMs at present ({{0}}). {NOT_DONE}",
        remedy="Enable it (xe host-enable), then try again.",
        where="xe on the pool, or XenCenter",
        press=RETRY,
        command="xe host-enable uuid=<host>",
        note="xapi_vm_helpers.ml, assert_can_boot_here",
    ),
    "TLS_CONNECTION_FAILED": Message(
        title="Two servers cannot talk securely to each other",
        text="The connection to {0}:{1} failed. Nothing was changed.",
        remedy="See that this address is reachable from the other server and that both clocks are right.",
        where=CONSOLE,
        press=RETRY,
        command="openssl s_client -connect {0}:{1}",
        note="datamodel_errors.ml",
    ),
    "SSL_VERIFY_ERROR": Message(
        title="A server does not trust another one's certificate",
        text="XAPI says: {0}. Nothing was changed.",
        remedy="Renew the certificates of the pool (xe host-refresh-server-certificate) and see that the clocks agree.",
        where=CONSOLE,
        press=RETRY,
        command="xe host-refresh-server-certificate host-uuid=<host>",
        note="datamodel_errors.ml",
    ),
}
