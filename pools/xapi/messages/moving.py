"""Why a VM cannot run on, or move to, a server (xapi_vm_lifecycle.ml, xapi_vm_helpers.ml, xapi_vm_migrate.ml)."""

from pools.xapi.messages.message import Message
from pools.xapi.messages.places import CONSOLE, NETWORK, OUTSIDE, VM, XE

SUBJECT = "VMs: power and moving"

REFUSED = "Nothing was changed by this call."
THERE = "So it cannot run on that server."

MESSAGES: dict[str, Message] = {
    "VM_INCOMPATIBLE_WITH_THIS_HOST": Message(
        title="The VM's processor features do not fit the server",
        text="The VM ({0}) cannot move to the server ({1}) while it runs or is suspended: {2}. It was started with "
        "features that the server lacks, or on processors of another maker.",
        remedy="Same maker: shut the VM down and start it again; it then gets the pool's common features. Another "
        "maker: only a shut down VM can change sides.",
        press=VM,
        where=XE,
        command="xe vm-param-get uuid=<VM> param-name=last-boot-CPU-flags",
        note="cpuid_helpers.ml, assert_vm_is_compatible",
    ),
    "VM_REQUIRES_SR": Message(
        title="The VM needs storage that the server does not have",
        text="A disk of the VM ({0}) is on the storage ({1}), which is local to another server or not plugged. "
        f"{THERE}",
        remedy="Shut the VM down, or move it together with its disks.",
        press=VM,
        where=XE,
        command="xe vdi-pool-migrate uuid=<disk> sr-uuid=<shared SR>",
        note="xapi_vm_helpers.ml, assert_can_boot_here",
    ),
    "VM_REQUIRES_NETWORK": Message(
        title="The VM needs a network that the server does not have",
        text=f"The VM ({{0}}) is on the network ({{1}}), and the server has no interface there. {THERE}",
        remedy="Make the missing bond or VLAN on that server, or give the VM another network.",
        press=NETWORK,
        where=XE,
        command="xe pif-list network-uuid=<network> params=device,currently-attached,host-name-label",
        note="xapi_network_attach_helpers.ml",
    ),
    "VM_REQUIRES_VDI": Message(
        title="A disk of the VM is missing",
        text=f"The VM ({{0}}) needs the disk ({{1}}), which is not there or not usable. {THERE}",
        remedy="Scan its storage, or detach the disk from the VM.",
        press=VM,
        where=XE,
        command="xe vm-disk-list uuid=<VM>",
        note="xapi_vm_helpers.ml",
    ),
    "VM_REQUIRES_GPU": Message(
        title="The VM needs a graphics card",
        text=f"The VM ({{0}}) has a virtual GPU of the group ({{1}}), and the server has no card of it. {THERE}",
        remedy="Shut the VM down; it starts only where such a card is.",
        press=VM,
        where=XE,
        command="xe vgpu-list params=vm-name-label,gpu-group-name-label",
        note="xapi_vm_helpers.ml",
    ),
    "VM_REQUIRES_VGPU": Message(
        title="No room on the server's graphics cards",
        text="The VM ({0}) needs a virtual GPU of type ({2}) from the group ({1}), and none is free there. "
        f"{THERE}",
        remedy="Shut down another VM with such a GPU there, or shut this one down.",
        press=VM,
        where=XE,
        command="xe pgpu-list params=host-name-label,gpu-group-name-label,supported-VGPU-max-capacities",
        note="xapi_vm_helpers.ml",
    ),
    "VM_REQUIRES_VUSB": Message(
        title="The VM needs a USB device",
        text=f"The VM ({{0}}) has a device of the USB group ({{1}}), which is plugged into another server. {THERE}",
        remedy="Shut the VM down or take the USB device from it.",
        press=VM,
        where=XE,
        command="xe vusb-list vm-uuid=<VM>",
        note="xapi_vm_helpers.ml",
    ),
    "VM_REQUIRES_IOMMU": Message(
        title="The server has no IOMMU",
        text="A VM with a device passed through needs one, and the server ({0}) has none that is switched on. "
        f"{THERE}",
        remedy="Switch VT-d or AMD-Vi on in the server's firmware.",
        press=OUTSIDE,
        where=CONSOLE,
        command="xl dmesg | grep -i -e vt-d -e amd-vi",
        note="xapi_vm_helpers.ml",
    ),
    "VM_HVM_REQUIRED": Message(
        title="The VM needs hardware virtualisation",
        text=f"The server's processors have none, or it is off in the firmware; the VM ({{0}}) needs it. {THERE}",
        remedy="Switch VT-x or AMD-V on in the server's firmware.",
        press=OUTSIDE,
        where=CONSOLE,
        command="xl info | grep virt_caps",
        note="xapi_vm_helpers.ml",
    ),
    "VM_HOST_INCOMPATIBLE_VERSION": Message(
        title="The server is older than the VM allows",
        text=f"The server ({{0}}) has an older release than the one on which the VM ({{1}}) was last started. {THERE}",
        remedy="Update the server, or start the VM on one of the newer release.",
        press=VM,
        where=XE,
        command="xe host-list params=name-label,software-version",
        note="xapi_vm_helpers.ml",
    ),
    "VM_HOST_INCOMPATIBLE_VERSION_MIGRATE": Message(
        title="VMs do not move to older servers",
        text=f"The server ({{0}}) has an older release than the one on which the VM ({{1}}) runs. {THERE}",
        remedy="Update that server first, or shut the VM down and start it there.",
        press=VM,
        where=XE,
        command="xe host-list params=name-label,software-version",
        note="helpers.ml, assert_host_versions_not_decreasing",
    ),
    "VM_HOST_INCOMPATIBLE_VIRTUAL_HARDWARE_PLATFORM_VERSION": Message(
        title="The VM's virtual hardware is too new for the server",
        text=f"The server ({{0}}) knows the versions {{1}}; the VM ({{2}}) needs {{3}}. {THERE}",
        remedy="Update the server, or run the VM on one of the newer release.",
        press=VM,
        where=XE,
        command="xe host-param-get uuid=<host> param-name=virtual-hardware-platform-versions",
        note="xapi_vm_helpers.ml",
    ),
    "VM_IS_IMMOBILE": Message(
        title="The VM may not move now",
        text="The VM ({0}) cannot be moved: its configuration forbids it, or nested virtualisation is in use. "
        f"{REFUSED}",
        remedy="Shut the VM down instead.",
        press=VM,
        where=XE,
        command="xe vm-shutdown uuid=<VM>",
        note="xapi_vm_lifecycle.ml, check_operation_error",
    ),
}
