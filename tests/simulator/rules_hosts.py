"""What may be done to hosts, VMs and storage, at random."""

from tests.simulator.operations import One

OPERATIONS: dict[str, tuple[object, ...]] = {
    "host.disable": (One("host"),),
    "host.enable": (One("host"),),
    "host.evacuate": (One("host"),),
    "host.restart_agent": (One("host"),),
    "host.reboot": (One("host"),),
    "host.shutdown": (One("host"),),
    "VM.start": (One("VM"), False, False),
    "VM.start_on": (One("VM"), One("host"), False, False),
    "VM.hard_shutdown": (One("VM"),),
    "VM.suspend": (One("VM"),),
    "VM.resume": (One("VM"), False, False),
    "VM.pause": (One("VM"),),
    "VM.unpause": (One("VM"),),
    "VM.pool_migrate": (One("VM"), One("host"), {}),
    "VM.clone": (One("VM"), "a clone"),
    "VM.destroy": (One("VM"),),
    "VDI.destroy": (One("VDI"),),
    "VDI.snapshot": (One("VDI"), {}),
    "PBD.plug": (One("PBD"),),
    "PBD.unplug": (One("PBD"),),
    "PBD.destroy": (One("PBD"),),
    "SR.forget": (One("SR"),),
}
