"""What is not as it should be after a join, though XAPI called it a success."""

from pools.xapi.messages.message import Message

SUBJECT = "After a join"

MESSAGES: dict[str, Message] = {
    "XENWEB_PASSWORD_NOT_TAKEN": Message(
        title="The new member keeps its old password",
        text="{0} is a member of the pool, but does not accept the pool’s password for {1}. XAPI copies it while the "
        "member starts, and only logs when that fails. The password from before the join is still valid there.",
        remedy="Restart the member’s toolstack: it fetches the password at each start. Then look again.",
        press="Check and try again",
        where="the member’s console, with its old password",
        command="xe-toolstack-restart",
        note="dbsync.ml, resync_dom0_config_files",
        names=("server", "user name"),
    ),
    "XENWEB_STORAGE_NOT_PLUGGED": Message(
        title="Shared storage is not connected",
        text="{0} is a member, but is not connected to {1}. VMs whose disks lie there cannot run on it, and high "
        "availability cannot be switched on.",
        remedy="See that the server reaches the storage: its address on the storage’s network, the export’s or "
        "target’s list of allowed servers, the server’s IQN or WWN. Then look again: xenweb plugs it once more.",
        press="Look again",
        where="the storage’s own administration",
        command="xe pbd-list host-uuid=<server> currently-attached=false",
        note="create_storage.ml, initialise_storage",
        names=("server", "storage"),
    ),
    "XENWEB_NO_PBD": Message(
        title="The pool made no connection to this storage",
        text="XAPI makes a PBD for each shared SR when a member starts. For {0} there is none.",
        remedy="Restart the member’s toolstack, which makes what is missing. Then look again.",
        press="Look again",
        where="the member’s console",
        command="xe-toolstack-restart",
        note="create_storage.ml, initialise_storage",
        names=("storage",),
    ),
    "XENWEB_NOT_AS_FORECAST": Message(
        title="The new member is not as foretold",
        text="{0} is a member at work, but in {1} points it is not as the plan foretold. XAPI copies bonds, VLANs and "
        "VMs as well as it goes, and tells nobody what it left out.",
        remedy="Read the differences below. What is merely missing, a restart of the member’s toolstack makes again; "
        "what is wrong must be mended on its network. Then look again, or accept it with a reason.",
        press="Look again, or Decide: accept it as it is",
        where="the member’s console",
        command="xe-toolstack-restart",
        note="sync_networking.ml; xapi_pool.ml, update_non_vm_metadata",
        names=("server", "differences"),
    ),
    "XENWEB_NO_INTERFACE": Message(
        title="There is no interface for the address",
        text="{0} has no single interface on the network {1} that could have an address: its bond or VLAN is missing "
        "there, or there are two.",
        remedy="Mend the server’s network first, then try again; or leave this address out.",
        press="Check and try again",
        where="the coordinator’s console",
        command="xe pif-list host-uuid=<server> network-name-label={1}",
        names=("server", "network"),
    ),
    "XENWEB_MANAGEMENT_INTERFACE": Message(
        title="This interface carries management",
        text="The interface of {0} on {1} carries its management. xenweb does not give such an interface another "
        "address in passing: the server would be lost.",
        remedy="Leave this address out, and change the management address on the server’s console.",
        press="Decide: leave it out",
        where="the server’s console: Network and Management Interface",
        command="xe-reset-networking",
        names=("server", "network"),
    ),
    "XENWEB_INTERFACE_WITHOUT_ADDRESS": Message(
        title="Management cannot move there yet",
        text="The interface of {0} on {1} does not have the address {2}, or is not up. Management stays where it is.",
        remedy="See why the address was not given in the step before, then try again.",
        press="Check and try again",
        where="the coordinator’s console",
        command="xe pif-list host-uuid=<server>",
        note="xapi_host.ml, management_reconfigure",
        names=("server", "network", "address"),
    ),
    "XENWEB_INTERFACE_WITHOUT_LINK": Message(
        title="Management cannot move to an interface without link",
        text="No card of {0} under its interface on {1} has a link. Management stays where it is, and so does the old "
        "address; with it there, the server would be lost.",
        remedy="Look at the cables and the switch’s ports, then try again; or skip the move and leave management where "
        "it is.",
        press="Check and try again",
        where="the coordinator’s console",
        command="xe pif-list host-uuid=<server> params=device,carrier,network-name-label",
        note="xapi_host.ml, management_reconfigure, does not look",
        names=("server", "network"),
    ),
}
