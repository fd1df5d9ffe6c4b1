"""Why XAPI refuses, or breaks off, pool.join (xapi_pool.ml, pre_join_checks and join_common).

A key may add the first param to the code, where one code has several causes.
"""

from pools.xapi.messages.message import Message

SUBJECT = "Joining a pool"

ON_SERVER = "xe on the server, or XenCenter"
ON_CONSOLE = "the server's console"
REFUSED = "XAPI refuses the join; the server and the pool stay as they are."

MESSAGES: dict[str, Message] = {
    "LICENCE_RESTRICTION": Message(
        title="The licence does not allow pools",
        text=f"This server's licence lacks the pooling feature. {REFUSED}",
        remedy="Give the server a licence with pooling (xe host-apply-edition), then check again.",
        where=ON_SERVER,
    ),
    "LICENCE_RESTRICTION Pool_size": Message(
        title="The licence allows three servers in a pool",
        text=f"The server's licence lacks the feature for larger pools, and the pool has three by then. {REFUSED}",
        remedy="License the server for larger pools (xe host-apply-edition), or leave it out of this pool.",
        where=ON_SERVER,
    ),
    "HOST_STILL_BOOTING": Message(
        title="The server has no management interface",
        text="XAPI takes a server without one to be starting still. Nothing has been changed.",
        remedy="Wait until the server is up. If that lasts, choose its management interface on the console "
        "(Network and Management Interface), then check again.",
        where=ON_CONSOLE,
    ),
    "HA_IS_ENABLED": Message(
        title="High availability is on",
        text=f"Neither side may run high availability during a join. {REFUSED}",
        remedy="Switch HA off on the side concerned (xe pool-ha-disable), join, and switch it on again in the pool.",
        where=ON_SERVER,
    ),
    "CLUSTERING_ENABLED": Message(
        title="The server is in a storage cluster",
        text=f"It is an enabled member of a cluster for GFS2 storage. {REFUSED}",
        remedy="Take it out of its cluster (xe cluster-host-disable, then xe cluster-pool-destroy), then check again. "
        "GFS2 storage on it must be detached first.",
        where=ON_SERVER,
    ),
    "POOL_JOINING_POOL_CANNOT_ENABLE_CLUSTERING_ON_VLAN_NETWORK": Message(
        title="The pool's cluster runs on a VLAN",
        text="New servers join the pool's storage cluster by themselves, which XAPI cannot do over VLAN {0}. "
        "No server can join; the pool works on as it is.",
        remedy="Rebuild the pool's cluster on a network without VLAN, or on the management network.",
        where="xe on the coordinator (cluster-pool-create)",
    ),
    "POOL_JOINING_HOST_MUST_HAVE_ONLY_ONE_IP_ON_CLUSTERING_NETWORK": Message(
        title="Not exactly one address on the cluster's network",
        text=f"The server will join the pool's storage cluster and needs one address there. {REFUSED}",
        remedy="Give the server exactly one address on that network (xe pif-reconfigure-ip), then check again.",
        where=ON_SERVER,
    ),
    "OPERATION_NOT_ALLOWED": Message(
        title="XAPI does not allow this",
        text="Its reason: {0}. Nothing has been changed by this call.",
        remedy="Remove that reason, then check again.",
        where=ON_SERVER,
    ),
    "OPERATION_NOT_ALLOWED Host cannot become slave of itself": Message(
        title="This is the coordinator itself",
        text="Both addresses lead to one server, or one was cloned from the other with its identity. "
        "Nothing has been changed.",
        remedy="Take the server out of the list. If they are two machines, install one of them afresh.",
        where="the server list of this wizard",
    ),
    "OPERATION_NOT_ALLOWED Host is already part of a pool": Message(
        title="The server is in this pool already",
        text="Nothing has been changed and nothing needs to be done for it.",
        remedy="Take the server out of the list.",
        where="the server list of this wizard",
    ),
    "OPERATION_NOT_ALLOWED Network backends differ": Message(
        title="Different network backends",
        text=f"One side uses Open vSwitch, the other the Linux bridge. {REFUSED}",
        remedy="Run xe-switch-network-backend on the server with the pool's backend, and reboot it. "
        "Its VMs must be shut down for that.",
        where=ON_CONSOLE,
    ),
    "OPERATION_NOT_ALLOWED SDN controller differs": Message(
        title="Another SDN controller",
        text=f"The server obeys an SDN controller that the pool does not have. {REFUSED}",
        remedy="Take the controller from the server (xe sdn-controller-forget), then check again.",
        where=ON_SERVER,
    ),
    "OPERATION_NOT_ALLOWED Primary address type differs": Message(
        title="IPv4 against IPv6",
        text=f"The management interfaces use different address families. {REFUSED}",
        remedy="Give the server's management interface an address of the pool's family "
        "(xe pif-set-primary-address-type), then check again.",
        where=ON_CONSOLE,
    ),
    "OPERATION_NOT_ALLOWED Incompatible network purposes: nbd and insecure_nbd": Message(
        title="Secure against insecure network block devices",
        text=f"One side has a network for nbd, the other one for insecure_nbd. {REFUSED}",
        remedy="Remove the purpose on the server (xe network-param-remove param-name=purpose), then check again.",
        where=ON_SERVER,
    ),
    "JOINING_HOST_CANNOT_BE_MASTER_OF_OTHER_HOSTS": Message(
        title="The server coordinates a pool of its own",
        text=f"Other servers depend on it. {REFUSED}",
        remedy="Make this server the coordinator here and let the others join it, or take its members out of its "
        "pool first (xe pool-eject erases the local disks of the server that leaves).",
        where="the coordinator page of this wizard",
    ),
    "JOINING_HOST_CANNOT_HAVE_RUNNING_VMS": Message(
        title="The server runs VMs",
        text=f"A server that joins a pool may not run any VM; suspended ones may stay. {REFUSED}",
        remedy="Shut the VMs down or suspend them, join, and start them again in the pool. "
        "Or make this server the coordinator: a coordinator keeps its VMs running.",
        where=ON_SERVER,
    ),
    "JOINING_HOST_CANNOT_HAVE_VMS_WITH_CURRENT_OPERATIONS": Message(
        title="A VM is busy",
        text=f"Something is being done with a VM of the server: a start, export, snapshot or the like. {REFUSED}",
        remedy="Wait until it has ended, or cancel its task (xe task-list, xe task-cancel), then check again.",
        where=ON_SERVER,
    ),
    "HOST_PENDING_MANDATORY_GUIDANCE_NOT_EMPTY": Message(
        title="Updates are waiting for a restart",
        text=f"Installed updates take effect only after what they ask for has been done. {REFUSED}",
        remedy="Do what is shown: reboot the server or restart its toolstack (xe-toolstack-restart); then check again.",
        where=ON_SERVER,
    ),
    "HOSTS_NOT_COMPATIBLE": Message(
        title="Different products or platform versions",
        text=f"Both sides must be the same product with the same platform version. {REFUSED}",
        remedy="Upgrade the older side with the installer of the newer release; XenServer and XCP-ng do not mix.",
        where="the installer",
    ),
    "HOSTS_NOT_HOMOGENEOUS": Message(
        title="The servers are not alike",
        text=f"XAPI found: {{0}}. {REFUSED}",
        remedy="Install the same updates on both sides, then check again.",
        where=ON_SERVER,
    ),
    "HOSTS_NOT_HOMOGENEOUS Software version differs": Message(
        title="Different toolstack versions",
        text=f"xapi, brand and build must be the same on both sides. {REFUSED}",
        remedy="Install the same updates on both sides (yum update or XenCenter), reboot, then check again. Where the "
        "server must be in the pool first, the join can be forced: with a reason, and another person's approval.",
        where=ON_SERVER,
    ),
    "HOSTS_NOT_HOMOGENEOUS CPUs differ": Message(
        title="Processors of different makers",
        text="All servers of a pool need processors of one maker: no running or suspended VM could ever move between "
        "them (VM_INCOMPATIBLE_WITH_THIS_HOST), and the pool's own vendor would be that of whichever server XAPI "
        "looked at last. XAPI's pool.join_force would skip this check; xenweb does not offer it. Nothing was changed.",
        remedy="Leave this server out, and make a pool of its own for servers with its processors.",
        where="the server list of this wizard",
    ),
    "JOINING_HOST_CANNOT_CONTAIN_SHARED_SRS": Message(
        title="The server has shared storage",
        text=f"A joining server may bring local storage only. {REFUSED}",
        remedy="Detach the shared storage (xe pbd-unplug, xe sr-forget: its data stays) and attach it to the pool "
        "after the join. Or make this server the coordinator: a coordinator keeps it.",
        where=ON_SERVER,
    ),
    "POOL_JOINING_HOST_HAS_BONDS": Message(
        title="The server has bonds",
        text=f"The coordinator's bonds are made on it after the join; it may not bring its own. {REFUSED}",
        remedy="Destroy its bonds (xe bond-destroy); its management moves to the first NIC of its bond. "
        "The pool's bonds are made again after the join.",
        where=ON_SERVER,
    ),
    "POOL_JOINING_HOST_HAS_TUNNELS": Message(
        title="The server has tunnels",
        text=f"It takes part in a private network across servers. {REFUSED}",
        remedy="Destroy its tunnels (xe tunnel-destroy), and make them again in the pool.",
        where=ON_SERVER,
    ),
    "POOL_JOINING_HOST_HAS_NETWORK_SRIOVS": Message(
        title="The server has SR-IOV networks",
        text=f"A joining server may not bring SR-IOV networks. {REFUSED}",
        remedy="Destroy them (xe network-sriov-destroy), and make them again in the pool.",
        where=ON_SERVER,
    ),
    "POOL_JOINING_HOST_HAS_NON_MANAGEMENT_VLANS": Message(
        title="The server has VLANs",
        text=f"The only VLAN a joining server may have is the one of its management. {REFUSED}",
        remedy="Destroy the other VLANs (xe vlan-destroy); the pool's VLANs are made on it after the join.",
        where=ON_SERVER,
    ),
    "POOL_JOINING_HOST_MANAGEMENT_VLAN_DOES_NOT_MATCH": Message(
        title="Management on different VLANs",
        text=f"The server's management has tag {{0}}, the coordinator's {{1}} (-1 is no VLAN). {REFUSED}",
        remedy="Move the server's management to the coordinator's VLAN on the console, then check again.",
        where=ON_CONSOLE,
    ),
    "POOL_JOINING_EXTERNAL_AUTH_MISMATCH": Message(
        title="Different directories for signing in",
        text=f"One side is joined to a directory (such as Active Directory) that the other is not joined to. {REFUSED}",
        remedy="Join the server to the pool's directory or take it out of its own "
        "(xe pool-enable-external-auth, xe pool-disable-external-auth), then check again.",
        where=ON_SERVER,
    ),
    "LICENSE_HOST_POOL_MISMATCH": Message(
        title="Different licence editions",
        text=f"XAPI compares {{0}} with {{1}}. {REFUSED}",
        remedy="Give the server the pool's edition (xe host-apply-edition), then check again. "
        "A pool of mixed editions takes only servers of its lowest, which XAPI alone can tell.",
        where=ON_SERVER,
    ),
    "V6D_FAILURE": Message(
        title="The licence daemon does not answer",
        text=f"The editions differ and the server cannot compare them. It said: {{0}}. {REFUSED}",
        remedy="Restart the daemon on the server (systemctl restart v6d), or give both sides the same edition.",
        where=ON_CONSOLE,
    ),
    "POOL_JOINING_HOST_MUST_HAVE_SAME_API_VERSION": Message(
        title="Different API versions",
        text=f"The server speaks version {{0}}, the pool {{1}}. {REFUSED}",
        remedy="Install the same updates on both sides and reboot, then check again.",
        where=ON_SERVER,
    ),
    "POOL_JOINING_HOST_MUST_HAVE_SAME_DB_SCHEMA": Message(
        title="Different database schemas",
        text=f"The server's toolstack keeps its database in schema {{0}}, the pool's in {{1}}. {REFUSED}",
        remedy="Install the same updates on both sides and reboot, then check again.",
        where=ON_SERVER,
    ),
    "POOL_JOINING_HOST_TLS_VERIFICATION_MISMATCH": Message(
        title="Certificates are checked on one side only",
        text="TLS verification between servers is on at one side and off at the other. "
        f"A freshly installed or ejected server turns it on after some minutes. {REFUSED}",
        remedy="Wait a little; else turn it on where it is off (xe pool-enable-tls-verification), then check again.",
        where=ON_SERVER,
    ),
    "POOL_JOINING_HOST_CA_CERTIFICATES_CONFLICT": Message(
        title="Two certificates of one name",
        text=f"The server and the pool have different CA certificates called {{0}}. {REFUSED}",
        remedy="Remove the wrong one (xe pool-uninstall-ca-certificate name=…), then check again.",
        where=ON_SERVER,
    ),
    "POOL_JOINING_HOST_TRUSTED_CERTIFICATES_CONFLICT": Message(
        title="One certificate trusted for different purposes",
        text=f"Both sides trust the same certificate, for purposes that differ but overlap. {REFUSED}",
        remedy="Remove it from what the server trusts; it gets the pool's certificates on joining.",
        where=ON_SERVER,
    ),
    "NOT_SUPPORTED_DURING_UPGRADE": Message(
        title="Updates are being installed",
        text="Nothing may join while updates are applied on either side. Nothing has been changed.",
        remedy="Wait until the updates are done, then check again.",
        where="XenCenter, Updates",
    ),
    "POOL_JOINING_SM_FEATURES_INCOMPATIBLE": Message(
        title="A storage driver is missing or too old",
        text=f"For every storage driver of the pool the server needs the same with all its features. {REFUSED}",
        remedy="Install the same updates and storage packs on the server as in the pool, then check again.",
        where=ON_SERVER,
    ),
    "JOINING_HOST_CONNECTION_FAILED": Message(
        title="The server cannot reach the coordinator",
        text="The joining server itself connects to the coordinator, and the connection broke. The join did not begin.",
        remedy="Check that the server reaches the coordinator's management address on port 443 "
        "(cabling, VLAN, gateway, firewall), then retry.",
        where=ON_CONSOLE,
    ),
    "JOINING_HOST_SERVICE_FAILED": Message(
        title="The coordinator did not serve the joining server",
        text="The joining server reached the address, but no XAPI answered there as it should. "
        "The server still stands alone.",
        remedy="Check that the coordinator's toolstack is running (xe host-list on it), then retry.",
        where="the coordinator's console",
    ),
    "POOL_JOINING_MASTER_CERTIFICATE_NOT_IN_POOL_BUNDLE": Message(
        title="The pool's certificates lack the coordinator's",
        text="The coordinator {0} did not send its own certificate. The server still stands alone.",
        remedy="Restart the coordinator's toolstack (xe-toolstack-restart; running VMs go on), then retry.",
        where="the coordinator's console",
    ),
    "POOL_JOINING_POOL_BUNDLE_EMPTY_AFTER_IMPORT": Message(
        title="The pool's certificates could not be stored",
        text="The server got the pool's certificates but its file {0} stayed empty. It still stands alone.",
        remedy="Look for a full disk on the server (df -h), free some space, then retry.",
        where=ON_CONSOLE,
    ),
    "POOL_SECRET_ROTATION_PENDING": Message(
        title="The pool is changing its secret",
        text="A rotation of the pool's secret has begun and has not ended. The server still stands alone.",
        remedy="Finish the rotation (xe pool-secret-rotate on the coordinator), then retry.",
        where="xe on the coordinator",
    ),
    "XAPI_HOOK_FAILED": Message(
        title="A hook script on the server failed",
        text="XAPI has switched the server to the pool already; then a script of its own ended with an error: {0} {1}.",
        remedy="Do not retry: see whether the server appears in the pool. Repair the script in /etc/xapi.d afterwards.",
        where=ON_CONSOLE,
    ),
    "HOST_UNKNOWN_TO_MASTER": Message(
        title="The pool does not know this server",
        text="The server takes itself for a member, but the coordinator has no record of it ({0}).",
        remedy="If this lasts more than two minutes, make it stand alone again on its console "
        "(xe pool-emergency-transition-to-master), repair the cause, and join again.",
        where=ON_CONSOLE,
    ),
    "HOST_MASTER_CANNOT_TALK_BACK": Message(
        title="The coordinator cannot reach the server",
        text="The server reached its coordinator, but not the other way round, at {0}. It tries again every 5 seconds.",
        remedy="Check firewall and routing from the coordinator to that address on port 443.",
        where="the coordinator's console",
    ),
    "HOST_XAPI_VERSION_HIGHER_THAN_COORDINATOR": Message(
        title="The server is newer than its coordinator",
        text="A member may not have a newer toolstack ({0}) than the coordinator; it waits outside the pool.",
        remedy="Update the coordinator first.",
        where="XenCenter, Updates",
    ),
    "JOINING_HOST_CANNOT_HAVE_RUNNING_OR_SUSPENDED_VMS": Message(
        title="The server has running or suspended VMs",
        text=f"This older XAPI lets a server join only when all its VMs are shut down. {REFUSED}",
        remedy="Shut the VMs down, join, and start them in the pool.",
        where=ON_SERVER,
    ),
    "POOL_JOINING_HOST_MUST_HAVE_PHYSICAL_MANAGEMENT_NIC": Message(
        title="Management is not on a NIC of its own",
        text=f"This older XAPI wants the management of a joining server on a plain NIC. {REFUSED}",
        remedy="Move the management to a plain NIC (xe host-management-reconfigure), then check again.",
        where=ON_CONSOLE,
    ),
    "POOL_JOINING_HOST_MUST_ONLY_HAVE_PHYSICAL_PIFS": Message(
        title="The server has bonds, VLANs or tunnels",
        text=f"This older XAPI wants plain NICs only on a joining server. {REFUSED}",
        remedy="Destroy its bonds, VLANs and tunnels; the pool's are made on it after the join.",
        where=ON_SERVER,
    ),
    "POOL_JOINING_HOST_MUST_HAVE_SAME_PRODUCT_VERSION": Message(
        title="Different product versions",
        text=f"This older XAPI wants the same product version on both sides. {REFUSED}",
        remedy="Bring both sides to the same release and updates, then check again.",
        where="the installer",
    ),
}
