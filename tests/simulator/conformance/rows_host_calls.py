"""Refusals of host calls, of evacuations and of VM calls, on the pool with the busy member (pool.md 5)."""

from collections.abc import Callable
from functools import partial

from simulator.running import Simulation
from simulator.xapi.rows import Row as Object
from simulator.xapi.rows import first
from tests.simulator.conformance.runner import Asked, Row

SCENE = "busy-member"
NOWHERE = "OpaqueRef:nowhere"
NO_HOST = ("NO_HOSTS_AVAILABLE", "<vm>")


def _row(sim: Simulation, cls: str, name: str) -> Object:
    found = first(sim.hosts[0].database, cls, name_label=name)
    assert found, name
    return found


def _said(sim: Simulation, vm: str, words: tuple[str, ...]) -> list[str]:
    names = {"<busy>": ("host", "busy"), "<boss>": ("host", "boss"), "<filer>": ("SR", "Filer"), "<vm>": ("VM", vm)}
    return [_row(sim, *names[word]).ref if word in names else word for word in words]


def _alone(sim: Simulation, vm: str) -> None:
    """Of the guests of the busy member only this one is left; the others are gone."""
    host = _row(sim, "host", "busy")
    for guest in host.all("resident_VMs", "VM"):
        if not guest.flag("is_control_domain") and guest.text("name_label") != vm:
            guest.database.delete("VM", guest.ref)


def _obstacle(sim: Simulation, vm: str, words: tuple[str, ...]) -> Asked:
    _alone(sim, vm)
    return Asked(host=sim.hosts[0], args=(_row(sim, "host", "busy").ref,), error=_said(sim, vm, words))


def _no_targets(sim: Simulation) -> Asked:
    _alone(sim, "web")
    for name in ("boss", "spare"):
        _row(sim, "host", name).set(enabled=False)
    return Asked(host=sim.hosts[0], args=(_row(sim, "host", "busy").ref,), error=_said(sim, "web", NO_HOST))


def _unprotected(sim: Simulation) -> Asked:
    """HA is on; the guest has no restart priority."""
    _alone(sim, "web")
    pool = next(iter(sim.hosts[0].database.refs("pool")))
    sim.hosts[0].database.set("pool", pool, ha_enabled=True, ha_allow_overcommit=True)
    words = ("HOST_EVACUATE_VM_NOT_HA_PROTECTED", "<vm>")
    return Asked(host=sim.hosts[0], args=(_row(sim, "host", "busy").ref,), error=_said(sim, "web", words))


OBSTACLES: dict[str, tuple[str, ...]] = {
    "old-hardware": (
        "VM_HOST_INCOMPATIBLE_VIRTUAL_HARDWARE_PLATFORM_VERSION", "<boss>", "[0]", "<vm>", "9",
    ),
    "other-vendor": (
        "VM_INCOMPATIBLE_WITH_THIS_HOST", "<vm>", "<boss>",
        "VM last booted on a host which had a CPU from a different vendor.",
    ),
    "more-features": (
        "VM_INCOMPATIBLE_WITH_THIS_HOST", "<vm>", "<boss>",
        "VM last booted on a CPU with features this host's CPU does not have.",
    ),
    "iommu": ("VM_REQUIRES_IOMMU", "<boss>"),
    "many-processors": ("HOST_NOT_ENOUGH_PCPUS", "64", "16"),
    "much-memory": ("HOST_NOT_ENOUGH_FREE_MEMORY", "<vm>"),
    "blocked": ("OPERATION_BLOCKED", "<vm>", "VM_OPERATION_BLOCKED"),
    "paused": ("VM_BAD_POWER_STATE", "<vm>", "running", "paused"),
    "in-use": ("OTHER_OPERATION_IN_PROGRESS", "VM", "<vm>", "snapshot", "OpaqueRef:an-export"),
    "immobile": ("VM_IS_IMMOBILE", "<vm>"),
    "nested": ("VM_IS_USING_NESTED_VIRT", "<vm>"),
    "not-suspendable": ("VM_NON_SUSPENDABLE", "<vm>", "a card of its own"),
    "without-tools": ("VM_LACKS_FEATURE", "<vm>"),
    "reset-on-boot": ("VDI_ON_BOOT_MODE_INCOMPATIBLE_WITH_OPERATION",),
    "pci": ("VM_HAS_PCI_ATTACHED", "<vm>"),
    "usb": ("VM_HAS_VUSBS", "<vm>"),
}  # fmt: skip


def _with_sr(sim: Simulation) -> Asked:
    asked = _obstacle(sim, "local-disk", ())
    vdi = _row(sim, "VDI", "local disk")
    return Asked(
        host=asked.host, args=asked.args, error=["VM_REQUIRES_SR", *_said(sim, "local-disk", ("<vm>",)), vdi.text("SR")]
    )


def _with_network(sim: Simulation, vm: str, code: str) -> Asked:
    asked = _obstacle(sim, vm, ())
    guest = _row(sim, "VM", vm)
    network = guest.all("VIFs", "VIF")[0].text("network")
    first_word = guest.ref if code == "VM_REQUIRES_NETWORK" else _row(sim, "host", "boss").ref
    return Asked(host=asked.host, args=asked.args, error=[code, first_word, network])


def _of_vm(sim: Simulation, vm: str, rest: tuple[object, ...], words: tuple[str, ...]) -> Asked:
    return Asked(host=sim.hosts[0], args=(_row(sim, "VM", vm).ref, *rest), error=_said(sim, vm, words))


def _of_host(sim: Simulation, fields: dict[str, object], words: tuple[str, ...]) -> Asked:
    host = _row(sim, "host", "busy")
    host.set(**fields)
    return Asked(host=sim.hosts[0], args=(host.ref,), error=_said(sim, "web", words))


def _start_on_evacuated(sim: Simulation) -> Asked:
    host = _row(sim, "host", "busy")
    host.set(current_operations={"OpaqueRef:a-task": "evacuate"})
    args = (_row(sim, "VM", "archive").ref, host.ref, False, False)
    return Asked(host=sim.hosts[0], args=args, error=["HOST_EVACUATE_IN_PROGRESS", host.ref])


Words = tuple[str, ...]
REBOOTING = {"enabled": False, "current_operations": {"OpaqueRef:t": "reboot"}}
GUIDED = {"pending_guidances": ["reboot_host"]}
WRONG = "VM_BAD_POWER_STATE"
HOST_CALLS: tuple[tuple[str, dict[str, object], Words], ...] = (
    ("host.reboot", {}, ("HOST_NOT_DISABLED",)),
    ("host.shutdown", {}, ("HOST_NOT_DISABLED",)),
    ("host.power_on", {}, ("HOST_IS_LIVE", "<busy>")),
    ("host.shutdown", {**REBOOTING}, ("OTHER_OPERATION_IN_PROGRESS", "host", "<busy>", "reboot", "OpaqueRef:t")),
    ("host.enable", {**GUIDED}, ("HOST_PENDING_MANDATORY_GUIDANCE_NOT_EMPTY", "<busy>")),
)
VM_CALLS: tuple[tuple[str, str, tuple[object, ...], Words], ...] = (
    ("VM.start", "web", (False, False), (WRONG, "<vm>", "halted", "running")),
    ("VM.suspend", "archive", (), (WRONG, "<vm>", "running", "halted")),
    ("VM.start", "Other install media", (False, False), ("VM_IS_TEMPLATE", "<vm>", "start")),
    ("VM.destroy", "web", (), (WRONG, "<vm>", "halted, suspended", "running")),
    ("VM.pool_migrate", "archive", (NOWHERE, {}), (WRONG, "<vm>", "running", "halted")),
)
Arrange = Callable[[Simulation], Asked]
EVACUATIONS: tuple[tuple[str, Arrange], ...] = (
    *((name, partial(_obstacle, vm=name, words=words)) for name, words in OBSTACLES.items()),
    ("local-disk", _with_sr),
    ("lone-network", partial(_with_network, vm="lone-network", code="VM_REQUIRES_NETWORK")),
    ("member-network", partial(_with_network, vm="member-network", code="HOST_CANNOT_ATTACH_NETWORK")),
    ("no-targets", _no_targets),
    ("not-protected", _unprotected),
)
_row_of = partial(Row, scene=SCENE, calm=True)
ROWS = (
    *(
        _row_of(id=f"evacuate-{name}", source="pool.md 5.2", method="host.evacuate", arrange=arrange)
        for name, arrange in EVACUATIONS
    ),
    *(
        _row_of(
            id=f"{method}-{'-'.join(fields) or 'enabled'}",
            source="pool.md 5.4, 5.5",
            method=method,
            arrange=partial(_of_host, fields=fields, words=words),
        )
        for method, fields, words in HOST_CALLS
    ),
    *(
        _row_of(
            id=f"{method}-{vm}",
            source="pool.md 5.2",
            method=method,
            arrange=partial(_of_vm, vm=vm, rest=rest, words=words),
        )
        for method, vm, rest, words in VM_CALLS
    ),
    _row_of(id="start-evacuated", source="pool.md 5.3", method="VM.start_on", arrange=_start_on_evacuated),
)
