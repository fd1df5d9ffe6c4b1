"""What goes wrong while a join runs, and what only older servers say (xapi_pool.ml, join_common and hello)."""

from pools.xapi.messages.join import ON_CONSOLE, ON_SERVER, REFUSED, SUBJECT
from pools.xapi.messages.message import Message
from pools.xapi.messages.places import CHECK, FIX, LOOK, RETRY

__all__ = ["MESSAGES", "SUBJECT"]

MESSAGES: dict[str, Message] = {
    "JOINING_HOST_CONNECTION_FAILED": Message(
        title="The server cannot reach the coordinator",
        text="The joining server itself connects to the coordinator, and the connection broke. The join did not begin.",
        remedy="Check that the server reaches the coordinator's management address on port 443 "
        "(cabling, VLAN, gateway, firewall), then retry.",
        where=ON_CONSOLE,
        press=RETRY,
        command="openssl s_client -connect <coordinator>:443",
        note="xapi_pool.ml, rpc",
    ),
    "JOINING_HOST_SERVICE_FAILED": Message(
        title="The coordinator did not serve the joining server",
        text="The joining server reached the address, but no XAPI answered there as it should. "
        "The server still stands alone.",
        remedy="Check that the coordinator's toolstack is running (xe host-list on it), then retry.",
        where="the coordinator's console",
        press=RETRY,
        command="xe host-list",
        note="xapi_pool.ml, join_common",
    ),
    "POOL_JOINING_MASTER_CERTIFICATE_NOT_IN_POOL_BUNDLE": Message(
        title="The pool's certificates lack the coordinator's",
        text="The coordinator {0} did not send its own certificate. The server still stands alone.",
        remedy="Restart the coordinator's toolstack (xe-toolstack-restart; running VMs go on), then retry.",
        where="the coordinator's console",
        press=RETRY,
        command="xe-toolstack-restart",
        note="cert_distrib.ml, import_joining_pool_certs (since xapi 26.16)",
    ),
    "POOL_JOINING_POOL_BUNDLE_EMPTY_AFTER_IMPORT": Message(
        title="The pool's certificates could not be stored",
        text="The server got the pool's certificates but its file {0} stayed empty. It still stands alone.",
        remedy="Look for a full disk on the server (df -h), free some space, then retry.",
        where=ON_CONSOLE,
        press=RETRY,
        command="df -h",
        note="cert_distrib.ml, import_joining_pool_certs (since xapi 26.16)",
    ),
    "POOL_SECRET_ROTATION_PENDING": Message(
        title="The pool is changing its secret",
        text="A rotation of the pool's secret has begun and has not ended. Until it has, nobody joins or leaves the "
        "pool.",
        remedy="Finish the rotation (the pool's page, “New secret…”; or xe pool-secret-rotate), then retry.",
        where="xe on the coordinator",
        press=RETRY,
        command="xe pool-secret-rotate",
        note="xapi_pool_helpers.ml, assert_operation_valid",
    ),
    "XAPI_HOOK_FAILED": Message(
        title="A hook script on the server failed",
        text="XAPI has switched the server to the pool already; then a script of its own ended with an error: {0} {1}.",
        remedy="Do not retry: see whether the server appears in the pool. Repair the script in /etc/xapi.d afterwards.",
        where=ON_CONSOLE,
        press=LOOK,
        command="ls -lR /etc/xapi.d",
        note="xapi_hooks.ml",
    ),
    "HOST_UNKNOWN_TO_MASTER": Message(
        title="The pool does not know this server",
        text="The server takes itself for a member, but the coordinator has no record of it ({0}).",
        remedy="If this lasts more than two minutes, make it stand alone again on its console "
        "(xe pool-emergency-transition-to-master), repair the cause, and join again.",
        where=ON_CONSOLE,
        press=LOOK,
        command="xe pool-emergency-transition-to-master",
        note="xapi_pool.ml, hello",
    ),
    "HOST_MASTER_CANNOT_TALK_BACK": Message(
        title="The coordinator cannot reach the server",
        text="The server reached its coordinator, but not the other way round, at {0}. It tries again every 5 seconds.",
        remedy="Check firewall and routing from the coordinator to that address on port 443.",
        where="the coordinator's console",
        press=LOOK,
        command="openssl s_client -connect {0}:443",
        note="xapi_pool.ml, hello",
    ),
    "HOST_XAPI_VERSION_HIGHER_THAN_COORDINATOR": Message(
        title="The server is newer than its coordinator",
        text="A member may not have a newer toolstack ({0}) than the coordinator; it waits outside the pool.",
        remedy="Update the coordinator first.",
        where="XenCenter, Updates",
        press=CHECK,
        command="xe host-param-get uuid=<host> param-name=software-version param-key=xapi_build",
        note="xapi_pool.ml, hello (since xapi 23.30)",
    ),
    "JOINING_HOST_CANNOT_HAVE_RUNNING_OR_SUSPENDED_VMS": Message(
        title="The server has running or suspended VMs",
        text=f"This older XAPI lets a server join only when all its VMs are shut down. {REFUSED}",
        remedy="Shut the VMs down, join, and start them in the pool.",
        where=ON_SERVER,
        press=FIX,
        command="xe vm-shutdown uuid=<VM>",
        note="no raise in current xapi: old servers may still send it",
    ),
    "POOL_JOINING_HOST_MUST_HAVE_PHYSICAL_MANAGEMENT_NIC": Message(
        title="Management is not on a NIC of its own",
        text=f"This older XAPI wants the management of a joining server on a plain NIC. {REFUSED}",
        remedy="Move the management to a plain NIC (xe host-management-reconfigure), then check again.",
        where=ON_CONSOLE,
        press=CHECK,
        command="xe host-management-reconfigure pif-uuid=<PIF>",
        note="no raise in current xapi: old servers may still send it",
    ),
    "POOL_JOINING_HOST_MUST_ONLY_HAVE_PHYSICAL_PIFS": Message(
        title="The server has bonds, VLANs or tunnels",
        text=f"This older XAPI wants plain NICs only on a joining server. {REFUSED}",
        remedy="Destroy its bonds, VLANs and tunnels; the pool's are made on it after the join.",
        where=ON_SERVER,
        press=FIX,
        command="xe pif-list physical=false params=uuid,device,VLAN",
        note="no raise in current xapi: old servers may still send it",
    ),
    "POOL_JOINING_HOST_MUST_HAVE_SAME_PRODUCT_VERSION": Message(
        title="Different product versions",
        text=f"This older XAPI wants the same product version on both sides. {REFUSED}",
        remedy="Bring both sides to the same release and updates, then check again.",
        where="the installer",
        press=CHECK,
        command="xe host-param-get uuid=<host> param-name=software-version",
        note="no raise in current xapi: old servers may still send it",
    ),
}
