"""What may be done with a storage repository now (xapi_sr_operations.ml: valid_operations)."""

from simulator.xapi.operations import Verdicts, allowed, refuse
from simulator.xapi.rows import Row, first
from simulator.xapi.storage.rows import is_attached

OPERATIONS = (
    "scan", "destroy", "forget", "plug", "unplug", "update", "vdi_create", "vdi_introduce", "vdi_destroy",
    "vdi_resize", "vdi_clone", "vdi_snapshot", "pbd_create", "pbd_destroy",
)  # fmt: skip
# The ability of the storage driver without which an operation is not supported.
NEEDS = {
    "vdi_create": "VDI_CREATE",
    "vdi_destroy": "VDI_DELETE",
    "vdi_resize": "VDI_RESIZE",
    "vdi_introduce": "VDI_INTRODUCE",
    "update": "SR_UPDATE",
    "vdi_snapshot": "VDI_SNAPSHOT",
}
NOT_ON_TOOLS = {"VDI_CREATE", "VDI_DELETE"}


def abilities(sr: Row) -> set[str]:
    """What the driver of this SR can do."""
    driver = first(sr.database, "SM", type=sr.text("type"))
    return set(driver.mapping("features")) if driver else set()


@allowed("SR")
def sr_operations(sr: Row) -> Verdicts:
    able = abilities(sr) - (NOT_ON_TOOLS if sr.flag("is_tools_sr") else set())
    verdicts: Verdicts = dict.fromkeys(OPERATIONS)
    unable = [name for name, need in NEEDS.items() if need not in able]
    refuse(verdicts, unable, "SR_OPERATION_NOT_SUPPORTED", sr.ref)
    if is_attached(sr):
        refuse(verdicts, ("destroy", "forget"), "SR_HAS_PBD", sr.ref)
    if not sr.items("PBDs"):
        refuse(verdicts, ("destroy",), "SR_HAS_NO_PBDS", sr.ref)
    if any(vdi.flag("managed") for vdi in sr.all("VDIs", "VDI")):
        refuse(verdicts, ("destroy",), "SR_NOT_EMPTY")
    for key, name in sr.mapping("current_operations").items():
        refuse(verdicts, OPERATIONS, "OTHER_OPERATION_IN_PROGRESS", "SR", sr.ref, name, key)
    return verdicts
