"""What every step of a rebuilding shares: the snapshot, what it is about, and what the server has of it now."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from pools import archive
from pools.models import NetworkSnapshot
from pools.operations.context import Context
from pools.operations.fixes.fix import FixStep
from pools.operations.step import Differs
from pools.operations.underway import is_underway
from pools.snapshots.build import snapshot_of
from pools.snapshots.data import Interface, Network, NetworkData
from pools.snapshots.items import AUTOMATIC_NAME, What
from pools.snapshots.matching import counterpart, missing
from pools.snapshots.rebuilding import DEFAULT_MTU
from pools.xapi.gateway import Xapi
from pools.xapi.inventory import Snapshot
from pools.xapi.records import NetworkRecord

CALLS = (
    "Async.Bond.create",
    "Async.VLAN.create",
    "Async.tunnel.create",
    "Async.PIF.plug",
    "Async.PIF.reconfigure_ip",
    "Async.PIF.reconfigure_ipv6",
    "Async.host.management_reconfigure",
)


@dataclass(frozen=True, kw_only=True)
class RebuildStep(FixStep):
    """``about``: the key of the saved interface; ``digest`` binds the plan to what the snapshot held."""

    snapshot: int
    digest: str
    about: str
    item: str
    words: str

    @property
    def what(self) -> What:
        return What(self.item)

    @property
    def expected_seconds(self) -> float:
        return 10.0

    @property
    def parks(self) -> bool:
        return False

    @property
    def look_at(self) -> Sequence[str]:
        return (
            f"{self.host}: “xe pif-list params=device,MAC,IP,currently-attached”, “xe bond-list”, “xe vlan-list”.",
            f"{self.host}: should it not answer, its console and the runbook of this snapshot.",
        )

    def saved(self) -> NetworkData:
        """The snapshot that the plan was made of; another one is not rebuilt."""
        row = NetworkSnapshot.objects.filter(pk=self.snapshot, digest=self.digest).first()
        if row is None:
            raise Differs("XENWEB_SNAPSHOT_GONE", (self.host,))
        return archive.data_of(row)

    def site(self, ctx: Context) -> "Site":
        """Read the server as it is now."""
        return Site(saved=self.saved(), pool=archive.read(self.xapi(ctx)), host_uuid=self.target["host_uuid"])

    def verify(self, ctx: Context) -> bool:
        """Nothing that the item covers differs from the snapshot."""
        site = self.site(ctx)
        left = missing(site.saved, site.now, self.about, self.what)
        ctx.notes.missing = " ".join(each.said for each in left)
        return not left

    def may_repeat(self, ctx: Context) -> bool:
        """No such call is under way; what is there already is found, and not made a second time."""
        return not is_underway(self.xapi(ctx), *CALLS)


@dataclass(frozen=True)
class Site:
    """The saved network beside that of now."""

    saved: NetworkData
    pool: Snapshot
    host_uuid: str

    @cached_property
    def now(self) -> NetworkData:
        return snapshot_of(self.pool, self.host_uuid)

    def there(self, about: str) -> Interface | None:
        return counterpart(self.saved, self.now, about)

    def pif(self, about: str, host: str) -> str:
        """The reference of the interface of now; without one a person is asked."""
        found = self.there(about)
        ref = next((pif.ref for pif in self.pool.pifs.values() if found and pif.uuid == found.uuid), "")
        if not ref:
            saved = self.saved.interface(about)
            raise Differs("XENWEB_NO_INTERFACE", (host, self.saved.named(saved) if saved else about))
        return ref

    def network_ref(self, uuid: str) -> str:
        return next((network.ref for network in self.pool.networks.values() if network.uuid == uuid), "")


def give_back(xapi: Xapi, network: str, wanted: Network) -> None:
    """Set what of a network is not as it was; nothing is taken away."""
    wire = xapi.records("network").get(network)
    if wire is None:
        return
    there = NetworkRecord.from_wire(network, wire)
    if there.name_label != wanted.name and not AUTOMATIC_NAME.fullmatch(wanted.name):
        xapi.network_set_name_label(network, wanted.name)
    if there.name_description != wanted.description:
        xapi.network_set_name_description(network, wanted.description)
    if (wanted.mtu or DEFAULT_MTU) != there.MTU:
        xapi.network_set_mtu(network, wanted.mtu or DEFAULT_MTU)
    if there.default_locking_mode != wanted.locking:
        xapi.network_set_default_locking_mode(network, wanted.locking)
    add_marks(xapi, there, wanted)


def add_marks(xapi: Xapi, there: NetworkRecord, wanted: Network) -> None:
    """Settings, tags and purposes that a network should have and has not."""
    for key, value in sorted(wanted.settings.items()):
        if there.settings.get(key) != value:
            xapi.network_add_to_other_config(there.ref, key, value)
    for tag in sorted({*wanted.tags} - {*there.tags}):
        xapi.network_add_tags(there.ref, tag)
    for purpose in sorted({*wanted.purpose} - {*there.purpose}):
        xapi.network_add_purpose(there.ref, purpose)
