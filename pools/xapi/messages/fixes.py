"""What forbids a fix, or should be known before it runs."""

from pools.xapi.messages.message import Message

SUBJECT = "Fixes before a join"
AGAIN = "On the fix’s first page, choose anew and show the plan; or go back to the checks."

MESSAGES: dict[str, Message] = {
    "XENWEB_NOTHING_TO_FIX": Message(
        title="There is nothing left to mend",
        text="What this fix is for is not there any more on {0}. Nothing was changed.",
        remedy="Go back to the checks: the server is examined again there.",
        where="the server's page",
        press="Back to the checks, then “Examine again”",
        command="xe host-list params=uuid,name-label",
        names=("server",),
    ),
    "XENWEB_FIX_NEEDS_MORE": Message(
        title="A restart of the toolstack is not enough",
        text="Installed updates of {0} ask for more than that: see what is shown.",
        remedy="Reboot the server when its VMs may stop; that does everything it asks for. Then check again.",
        where="xe on the server, or XenCenter",
        press=AGAIN,
        command="xe host-disable uuid=<host>; xe host-reboot uuid=<host>",
        names=("server",),
    ),
    "XENWEB_FIX_BUSY": Message(
        title="Work under way would break",
        text="A restart of the toolstack of {0} ends what its VMs are busy with: see what is shown.",
        remedy="Wait until it is over, or end it yourself; then ask again.",
        where="xe on the server, or XenCenter",
        press=AGAIN,
        command="xe task-list params=uuid,name-label,status,progress",
        names=("server",),
    ),
    "XENWEB_NO_PLACE": Message(
        title="No other server can take the VM",
        text="{0} cannot move: no other server that is at work has its storage, its networks, a processor that fits "
        "and the memory.",
        remedy="Make room or connect what is missing there; or suspend the VM, or shut it down.",
        where="xe on the server, or XenCenter",
        press=AGAIN,
        command="xe vm-list name-label={0} params=uuid,possible-hosts",
        names=("VM",),
    ),
    "XENWEB_FIX_NO_OTHER_HOST": Message(
        title="There is no other host to move VMs to",
        text="{0} is the only live, enabled host of its pool; VMs do not move to another pool by this fix.",
        remedy="Shut the VMs down or suspend them. To keep them running elsewhere, migrate them there first, with "
        "their storage.",
        where="xe on the server, or XenCenter",
        press=AGAIN,
        command="xe vm-list power-state=running is-control-domain=false params=uuid,name-label",
        names=("server",),
    ),
    "XENWEB_FIX_SR_IN_USE": Message(
        title="A VM uses the shared storage now",
        text="On {0} these VMs run with disks on it: {1}. Storage in use is neither unplugged nor forgotten.",
        remedy="Shut these VMs down first (there is a fix for running VMs), then show the plan again.",
        where="xe on the server, or XenCenter",
        press=AGAIN,
        command="xe vbd-list currently-attached=true params=vm-name-label,vdi-uuid",
        names=("server", "VMs"),
    ),
    "XENWEB_FIX_NO_CARRIER": Message(
        title="Management would land on a network card without link",
        text="Without the bond, management of {0} moves to {1}, the bond’s primary member, and that has no link now. "
        "The server could not be reached any more.",
        remedy="Connect the cable of this card, or find why its switch port is down; then show the plan again.",
        where="the server and its switch",
        press=AGAIN,
        command="xe pif-list management=true params=uuid,device,carrier",
        names=("server", "NIC"),
    ),
    "XENWEB_FIX_LACP": Message(
        title="The switch may speak to the bond only",
        text="The bond {1} of {0} uses LACP. Whether its switch ports pass traffic to single cards is not known to "
        "XAPI; if they do not, the network of its first card is dead after the bond is gone.",
        remedy="Look at the switch: ports of a link aggregation group need a fallback, or to be taken out of the group "
        "at the same time. Keep the server’s console at hand.",
        where="the switch",
        press="Start the plan only when you know the switch",
        command="xe bond-list params=uuid,mode,slaves",
        names=("server", "bond"),
    ),
    "XENWEB_FIX_HA_HOLDS_MANAGEMENT": Message(
        title="High availability holds the management bond",
        text="HA is on at {0}, and XAPI does not take the management interface out of a bond then.",
        remedy="Switch HA off on this server first; there is a fix for that, too.",
        where="xe on the server, or XenCenter",
        press="Back to the checks, “Switch its HA off”",
        command="xe pool-ha-disable",
        names=("server",),
    ),
    "XENWEB_FIX_VIF_IN_USE": Message(
        title="Running VMs use this network",
        text="On {0} these VMs run with an interface on {1}. XAPI does not unplug a network in use.",
        remedy="Shut these VMs down first (there is a fix for running VMs), then show the plan again.",
        where="xe on the server, or XenCenter",
        press=AGAIN,
        command="xe vif-list currently-attached=true params=vm-name-label,network-name-label",
        names=("server", "network and VMs"),
    ),
    "XENWEB_FIX_MANAGEMENT_IS_HERE": Message(
        title="Management is on it",
        text="{1} carries the management of {0}: removing it would cut the server off.",
        remedy="Move management to another interface first, at the server’s console (xsconsole, Network and "
        "Management Interface); then examine again.",
        where="the server's console",
        press="Back to the checks, then “Examine again”",
        command="xe pif-list params=uuid,device,management,IP",
        names=("server", "interface"),
    ),
}
