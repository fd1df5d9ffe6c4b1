"""What xenweb foretells of a join, and what was not as foretold."""

from pools.xapi.messages.message import Message
from pools.xapi.messages.places import CHECK, CHOOSE, LOOK
from pools.xapi.messages.places import CONSOLE as AT_THE_SERVER

SUBJECT = "What xenweb foretells of a join"

NIC_ORDER = (
    "If the cables are right and only the counting of NICs differs, set the order of its NICs on the server's console; "
    "if the cables differ, change them. No call of XAPI can mend it."
)
REPAIR = "Look at the pool's network page, compare the server's NICs with the coordinator's, and make the bond there."

MESSAGES: dict[str, Message] = {
    "XENWEB_BOND_PARTIAL": Message(
        title="A bond will have fewer NICs",
        text="On this server the bond {0} will be made of {1} only: there is no NIC for the coordinator's {2}. "
        "It works, without the redundancy of the others.",
        remedy=f"Build in the missing NIC before the join, or accept it. {NIC_ORDER}",
        where="the server's console: its NICs and their order",
        note="sync_networking.ml, copy_bonds_from_master",
        names=("bond", "NICs it will have", "NICs missing"),
        press=CHOOSE,
        command="xe pif-list host-uuid=<host> physical=true params=uuid,device,MAC,carrier",
    ),
    "XENWEB_BOND_NONE": Message(
        title="A bond cannot be made",
        text="This server has no NIC at the places of the coordinator's {1}. It will be without the bond {0}, and "
        "without every VLAN and every VM network on it. XAPI joins it all the same, without a word.",
        remedy=f"Build in the NICs before the join, or leave the server out. {NIC_ORDER}",
        where="the server's console: its NICs and their order",
        note="sync_networking.ml, copy_bonds_from_master",
        names=("bond", "NICs it needs"),
        press=CHOOSE,
        command="xe pif-list host-uuid=<host> physical=true params=uuid,device,MAC,carrier",
    ),
    "XENWEB_BOND_STOLEN": Message(
        title="XAPI will refuse to make a bond",
        text="The NICs for the bond {0} are there, but Bond.create will fail with {1}, because of {2}. The join goes "
        "on without the bond, and without what lies on it.",
        remedy="Mend the cause on the server before the join: take addresses off all NICs of the bond but one, give "
        "its NICs equal properties, and leave each NIC on its own network.",
        press="Reference: look up {1}",
        where="the server's console, or xe there",
        command="xe pif-list host-uuid=<server> params=all",
        note="xapi_bond.ml, create",
        names=("bond", "code", "NICs in the way"),
    ),
    "XENWEB_BOND_NO_CARRIER": Message(
        title="A NIC of a bond has no link",
        text="For the bond {0} the server will use {1}, which has no link. Either a cable is missing, or the NICs "
        "are counted otherwise than the coordinator's.",
        remedy=f"Plug the cable in, or look which NIC is meant. {NIC_ORDER}",
        where="the server's cables; the server's console",
        note="MACs and links are not considered by xapi: xapi_pif_helpers.ml, get_pif_position",
        names=("bond", "NICs without link"),
        press=CHECK,
        command="xe pif-list host-uuid=<host> physical=true params=uuid,device,MAC,carrier",
    ),
    "XENWEB_BOND_SPEED": Message(
        title="A NIC of a bond has another speed",
        text="For the bond {0} the server will use {1}: not the speed of the coordinator's NIC at that place, or of "
        "the others in the bond. Often that means another cable.",
        remedy=f"Compare the NICs side by side. {NIC_ORDER}",
        where="the server's cables; the server's console",
        note="MACs and links are not considered by xapi: xapi_pif_helpers.ml, get_pif_position",
        names=("bond", "NICs and speeds"),
        press=CHECK,
        command="xe pif-list host-uuid=<host> physical=true params=uuid,device,MAC,speed",
    ),
    "XENWEB_BOND_NIC_ORDER": Message(
        title="The server counts its NICs otherwise",
        text="For the bond {0} XAPI will take {1}: name, position and slot of its NICs do not agree with the "
        "coordinator's. If both servers are cabled alike, the bond gets the wrong cables.",
        remedy=f"Compare the NICs side by side, and find out which cable is in which. {NIC_ORDER}",
        where="the server's console: its NICs and their order",
        note="xapi_pif_helpers.ml, get_pif_position; networkd's network_device_order.ml",
        names=("bond", "NICs"),
        press=CHECK,
        command="xe pif-list host-uuid=<host> physical=true params=uuid,device,MAC,pci-bus-path",
    ),
    "XENWEB_BOND_MTU": Message(
        title="A bond has larger packets than its NICs' networks",
        text="The bond {0} is larger than the networks on which the server's NICs for it lie: {1}. With toolstacks "
        "before August 2026 such a server stays in maintenance mode after the join.",
        remedy="Give the NICs' networks the MTU of the bond's before the join. That is a setting of the whole pool.",
        where="XenCenter: networking; or xe on the pool",
        command="xe network-param-set uuid=<network> MTU=<size>",
        note="nm.ml, bring_pif_up: CA-429051",
        names=("bond", "NICs and sizes"),
        press=CHECK,
    ),
    "XENWEB_BOND_OTHER_CARD": Message(
        title="A bond will use another kind of NIC",
        text="For the bond {0} the server has, at the coordinator's places, NICs of another maker or model: {1}. "
        "Places can be compared only between servers of equal hardware.",
        remedy="Make sure that these NICs are cabled as the coordinator's are.",
        where="the server's cables",
        names=("bond", "NICs and models"),
        press=CHECK,
        command="xe pif-list host-uuid=<host> physical=true params=uuid,device,MAC,pci-bus-path",
    ),
    "XENWEB_VLAN_MISSING": Message(
        title="VLANs will be missing",
        text="The VLANs {0} will not be made on this server, since it will have no interface on {1}. VMs that need "
        "them cannot start here or move here.",
        remedy="See to the bond or NIC below first; then the VLANs come by themselves.",
        note="xapi_host.ml, sync_vlans",
        names=("VLANs", "network below"),
        press=CHECK,
        where=AT_THE_SERVER,
        command="xe vlan-list params=uuid,tag,tagged-PIF",
    ),
    "XENWEB_VLAN_SECOND": Message(
        title="A VLAN will share its network with another interface",
        text="The VLANs {0} will be made on {1}, although the server has another interface on the same network. Two "
        "interfaces on one network are never repaired by XAPI, and confuse it.",
        remedy="Take the other interface off that network before the join.",
        where="the server's console, or xe there",
        note="xapi_host.ml, sync_vlans",
        names=("VLANs", "network below"),
        press=CHECK,
        command="xe vlan-list params=uuid,tag,tagged-PIF",
    ),
    "XENWEB_VLAN_SYNC_OFF": Message(
        title="The server makes no VLANs of the pool",
        text="Its other_config says sync_vlans=nosync. The VLANs {0} will not be made on it.",
        remedy="Remove the setting before the join, if the VLANs are wanted there.",
        where="xe on the server",
        command="xe host-param-remove uuid=<server> param-name=other-config param-key=sync_vlans",
        note="xapi_host.ml, sync_vlans",
        names=("VLANs",),
        press=CHECK,
    ),
    "XENWEB_NETWORK_LOST": Message(
        title="Networks of the server will be lost",
        text="These networks do not come along: {0}. XAPI copies only the networks of NICs, and such as have a bridge "
        "name of their own.",
        remedy="Make them again in the pool after the join, if they are needed.",
        where="XenCenter, or xe network-create on the pool",
        note="xapi_pool.ml, create_or_get_network_on_master; xapi_network.ml, create",
        names=("networks",),
        press=CHECK,
        command="xe network-list params=uuid,name-label,bridge",
    ),
    "XENWEB_NETWORK_MERGED": Message(
        title="Networks of the server lose their names",
        text="Networks are matched by bridge. The pool's names and settings stay, the server's are lost: {0}.",
        remedy="Nothing needs to be done if the same cables are meant. Else leave the server out until they are.",
        note="xapi_pool.ml, create_or_get_network_on_master",
        names=("networks",),
        press=CHECK,
        where=AT_THE_SERVER,
        command="xe network-list params=uuid,name-label,bridge",
    ),
    "XENWEB_VM_NETWORK_CROSSED": Message(
        title="VMs will be on another network",
        text="Interfaces of VMs are matched by the network's name first, then by its bridge. So these end elsewhere: "
        "{0}. The VMs would then talk to the wrong network when they are started.",
        remedy="Rename the network on the server so that no network of the pool has its name, or move the interfaces "
        "after the join and before the VMs are started.",
        where="XenCenter, or xe network-param-set on the server",
        note="import.ml, module Net",
        names=("interfaces",),
        press=CHECK,
        command="xe network-param-set uuid=<network> name-label=<new name>",
    ),
    "XENWEB_VM_MAC_SEED": Message(
        title="A VM is a copy of one in the pool",
        text="These VMs make their MAC addresses from the same seed as VMs of the pool: {0}. XAPI joins the server, "
        "but then leaves out all of its VMs, without a word. Their disks stay.",
        remedy="Delete one of the two, or export it and import it again as a new VM, before the join.",
        where="XenCenter, or xe on the server",
        note="import.ml, assert_can_restore_backup: DUPLICATE_MAC_SEED",
        names=("VMs",),
        press=CHECK,
        command="xe vm-list params=uuid,name-label,power-state",
    ),
    "XENWEB_VM_REPLACED": Message(
        title="VMs of the pool will be replaced",
        text="The server brings newer versions of halted VMs that the pool has: {0}. The pool's are replaced.",
        remedy="Export the pool's before the join, if they may be needed.",
        where="XenCenter, or xe vm-export on the pool",
        note="import.ml, module VM, precheck",
        names=("VMs",),
        press=CHECK,
        command="xe vm-export uuid=<VM> filename=<file>",
    ),
    "XENWEB_DEFAULT_SR_LOST": Message(
        title="The server's choice of default storage is lost",
        text="{0} is the default storage of this server, chosen among several. After the join the pool's counts. "
        "The storage itself stays, with all that is on it.",
        remedy="Nothing needs to be done; whoever makes disks without saying where should know it.",
        note="nothing in xapi_pool.ml copies pool.default_SR",
        names=("storage",),
        press=CHECK,
        where=AT_THE_SERVER,
        command="xe pool-list params=name-label,default-SR",
    ),
    "XENWEB_LICENCE_DEGRADED": Message(
        title="The pool loses features of its licence",
        text="A pool may do what the editions of all its members allow. With this server ({1}) it loses: {0}.",
        remedy="License the server like the others before the join, or leave it out.",
        where="XenCenter: Tools, License Manager; or xe on the server",
        command="xe host-apply-edition host-uuid=<server> edition=<edition>",
        note="pool_features_helpers.ml, update_pool_features",
        names=("features", "edition of the server"),
        press=CHOOSE,
    ),
    "XENWEB_MANAGEMENT_ELSEWHERE": Message(
        title="Management will be on another network",
        text="After the join the server's management is on {0}, the coordinator's on {1}. XAPI does not look at it: "
        "the server stays reachable as it is now, without what the pool's management network has.",
        remedy="Give it a static address on the pool's management network, on the wizard's network page: management "
        "moves there after the join. Or move it to the right NIC before the join.",
        where="the server's console: Network and Management Interface",
        note="xapi_bond.ml, create",
        names=("network of the server", "network of the coordinator"),
        press=CHECK,
        command="xe pif-list management=true params=uuid,device,network-name-label",
    ),
    "XENWEB_MANAGEMENT_LOST": Message(
        title="The server would be out of reach after the join",
        text="Its management interface {0} shares its network with another interface, so XAPI would not take the "
        "network over, and management would be on no network at all.",
        remedy="Take the other interface off that network (VLAN, bond or second NIC) before the join.",
        where="the server's console",
        note="xapi_pool.ml, create_or_get_network_on_master",
        names=("interface",),
        press=CHECK,
        command="xe pif-list management=true params=uuid,device,network-name-label",
    ),
    "XENWEB_HOST_NOT_THERE": Message(
        title="The pool does not know the server",
        text="The coordinator has no record of it. XAPI may say that a join went well although the record was lost; "
        "the server then waits in emergency mode.",
        remedy="On the server's console look at /var/log/xensource.log, and make it a pool of its own again "
        "(xe pool-emergency-transition-to-master there); then join it anew.",
        where="the server's console",
        note="xapi_pool.ml, create_or_get_host_on_master",
        names=("expected", "found"),
        press=LOOK,
        command="xe host-list params=uuid,name-label,enabled",
    ),
    "XENWEB_NIC_NOT_AS_FORECAST": Message(
        title="A NIC is not where it was expected",
        text="{0} was to be on the network {1}; found: {2}.",
        remedy="Scan the server's interfaces again (xe pif-scan), then look at the pool's network page.",
        where="xe on the pool",
        command="xe pif-scan host-uuid=<server>",
        names=("NIC", "expected", "found"),
        press=LOOK,
    ),
    "XENWEB_BOND_NOT_AS_FORECAST": Message(
        title="A bond is not as foretold",
        text="The bond {0} was to be {1}; found: {2}. The error that stopped it stands only in the server's log.",
        remedy=f"{REPAIR} A restart of the server's toolstack makes XAPI try once more.",
        where="/var/log/xensource.log on the server",
        note="sync_networking.ml, copy_bonds_from_master: errors are only logged",
        names=("bond", "expected", "found"),
        press=LOOK,
        command="xe bond-list params=uuid,master,slaves",
    ),
    "XENWEB_VLAN_NOT_AS_FORECAST": Message(
        title="A VLAN is not as foretold",
        text="On {0}, expected: {1}; found: {2}.",
        remedy="See to the bond or NIC below first, then restart the server's toolstack: XAPI then makes VLANs anew.",
        where="/var/log/xensource.log on the server",
        note="xapi_host.ml, sync_vlans",
        names=("network", "expected", "found"),
        press=LOOK,
        command="xe vlan-list params=uuid,tag,tagged-PIF",
    ),
    "XENWEB_MANAGEMENT_NOT_AS_FORECAST": Message(
        title="Management is on another network than foretold",
        text="It was to be on {0}; found: {1}.",
        remedy="Look at the server's bonds first: management moves with its NIC. Then move it, if it is still wrong.",
        where="the server's console: Network and Management Interface",
        names=("expected", "found"),
        press=LOOK,
        command="xe pif-list management=true params=uuid,device,host-name-label,IP",
    ),
    "XENWEB_NETWORK_NOT_AS_FORECAST": Message(
        title="A network did not come along",
        text="The network {0} was to be made in the pool, on a bridge {1}; found: {2}.",
        remedy="Make it again, and put the interfaces of its VMs there.",
        where="XenCenter, or xe network-create on the pool",
        names=("network", "expected", "found"),
        press=LOOK,
        command="xe pif-list host-uuid=<host> params=uuid,device,network-name-label",
    ),
    "XENWEB_VMS_NOT_THERE": Message(
        title="VMs of the server did not come along",
        text="The pool has no record of {0}. Expected: {1}; found: {2}. Their disks are on the server's storage still.",
        remedy="Restore the VMs' metadata from a backup of the server's database (xe vm-import, or "
        "xe-restore-metadata on its storage). The reason is in the coordinator's log.",
        where="/var/log/xensource.log on the coordinator",
        note="xapi_pool.ml, update_non_vm_metadata; importexport.ml: a failed import is only logged",
        names=("VMs", "expected", "found"),
        press=LOOK,
        command="xe vm-list params=uuid,name-label,power-state",
    ),
    "XENWEB_STORAGE_NOT_AS_FORECAST": Message(
        title="Storage is not connected",
        text="The storage {0} was to be {1} on this server; found: {2}. VMs with disks on it cannot start here.",
        remedy="See that the server reaches the storage (cable, VLAN, address, access list), then connect it.",
        where="XenCenter: storage, Repair; or xe on the pool",
        command="xe pbd-plug uuid=<PBD of this server and storage>",
        note="create_storage.ml, initialise_storage: failures are tolerated",
        names=("storage", "expected", "found"),
        press=LOOK,
    ),
}
