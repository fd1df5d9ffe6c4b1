"""Storage of a server that leaves: PBD.unplug and SR.forget as far as an eject calls them."""

from simulator.xapi.errors import XapiError
from simulator.xapi.rows import Row, rows


def unplug_all(host: Row) -> None:
    """One after the other; the first that is in use stops it, and those before stay unplugged."""
    for pbd in host.all("PBDs", "PBD"):
        unplug(host, pbd)


def unplug(host: Row, pbd: Row) -> None:
    """Refused while a disk on it is attached to a domain of this host (xapi_pbd.ml: unplug)."""
    if not pbd.flag("currently_attached"):
        return
    used = disks_in_use(host, pbd.text("SR"))
    if used:
        raise XapiError("VDI_IN_USE", *used)
    pbd.set(currently_attached=False)


def disks_in_use(host: Row, sr: str) -> list[str]:
    """Disks of this SR in VMs that are resident here."""
    found = []
    for vm in rows(host.database, "VM", resident_on=host.ref):
        attached = [vbd for vbd in vm.all("VBDs", "VBD") if vbd.flag("currently_attached")]
        disks = [vbd.to("VDI", "VDI") for vbd in attached if host.database.has("VDI", vbd.text("VDI"))]
        found += [vdi.ref for vdi in disks if vdi.text("SR") == sr]
    return found


def forget(sr: Row) -> None:
    """The SR with its disks and plugs (xapi_sr.ml: really_forget); what named them is collected later."""
    if any(pbd.flag("currently_attached") for pbd in sr.all("PBDs", "PBD")):
        raise XapiError("SR_HAS_PBD", sr.ref)
    for name, cls in (("VDIs", "VDI"), ("PBDs", "PBD")):
        for each in sr.all(name, cls):
            sr.database.delete(cls, each.ref)
    sr.database.delete("SR", sr.ref)
