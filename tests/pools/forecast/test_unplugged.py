"""Where the data of storage lies that only one server is connected to: elsewhere, or on disks that are erased."""

import pytest

from pools.forecast.losses import OrphanKind, losses_of
from pools.forecast.losses.unplugged import place_of
from pools.xapi.inventory import Snapshot
from pools.xapi.records import HostRecord, PBDRecord, SRRecord, VDIRecord

PLACES = {
    "an NFS export": ("nfs", "user", {"server": "10.0.9.8", "serverpath": "/pool"}, "10.0.9.8:/pool"),
    "an SMB share": ("smb", "user", {"server": "\\\\nas\\vms"}, "its SMB server \\\\nas\\vms"),
    "an iSCSI LUN": ("lvmoiscsi", "user", {"target": "10.0.9.9", "SCSIid": "3600a"}, "its iSCSI target 10.0.9.9"),
    "a fibre channel LUN": ("lvmohba", "user", {"SCSIid": "3600a"}, "its LUN 3600a"),
    "a LUN that says nothing": ("lvmohba", "user", {}, "its LUN"),
    "a library of ISOs on NFS": ("iso", "iso", {"location": "nas:/isos"}, "nas:/isos"),
    "a library of ISOs on SMB": ("iso", "iso", {"location": "//nas/isos"}, "//nas/isos"),
    "a folder of ISOs on the server": ("iso", "iso", {"location": "/var/isos"}, ""),
    "its own disk": ("ext", "user", {"device": "/dev/sda3"}, ""),
    "a driver that nobody knows": ("strange", "user", {"server": "10.0.9.8"}, ""),
}


def pool_with(driver: str, content: str, place: dict[str, str], *, shared: bool) -> Snapshot:
    """One server, and one SR with a disk, connected to it."""
    sr = SRRecord(ref="sr", uuid="s", name_label="It", type=driver, content_type=content, shared=shared)
    pbd = PBDRecord.from_wire("pbd", {"SR": "sr", "host": "host", "device_config": place})
    host = HostRecord(ref="host", uuid="h")
    vdi = VDIRecord(ref="vdi", uuid="v", SR="sr")
    return Snapshot(hosts={"host": host}, srs={"sr": sr}, pbds={"pbd": pbd}, vdis={"vdi": vdi})


@pytest.mark.parametrize("shared", [True, False], ids=["shared", "own"])
@pytest.mark.parametrize("what", PLACES)
def test_what_lies_elsewhere_is_unplugged_and_the_rest_erased(what: str, shared: bool) -> None:  # noqa: FBT001
    """What counts is where the data lies, not whether the SR is said to be shared."""
    driver, content, place, where = PLACES[what]
    pool = pool_with(driver, content, place, shared=shared)
    losses = losses_of(pool, "h")
    assert place_of(pool, pool.srs["sr"]) == where
    assert [disk.uuid for disk in losses.destroyed] == ([] if where else ["v"])
    assert [row.kind for row in losses.orphaned] == ([OrphanKind.STORAGE] if where else [])


def test_no_password_of_a_filer_is_kept() -> None:
    secret = {"server": "nas", "password": "s3cret", "chappassword": "s3cret", "cifspassword": "s3cret"}
    pbd = PBDRecord.from_wire("pbd", {"SR": "sr", "device_config": secret})
    assert pbd.place == {"server": "nas"}
