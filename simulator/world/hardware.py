"""What a machine is made of. Nothing here knows of a database."""

import hashlib
from dataclasses import dataclass, field

from simulator.scenes.model import HostSpec, NicSpec

GIB = 1024**3
FLAT = "flat"  # the switch that passes everything: where a cable ends when a scene does not say


@dataclass(frozen=True, kw_only=True)
class CpuModel:
    """One processor: what the hypervisor may show (`most`) and what it shows a new VM (`usual`)."""

    vendor: str
    modelname: str
    family: int
    model: int
    stepping: int
    mhz: str
    most: str
    usual: str
    paravirtual: str


ZEROS = "-00000000" * 5
CPUS: dict[str, CpuModel] = {
    "haswell": CpuModel(
        vendor="GenuineIntel", modelname="Intel(R) Xeon(R) CPU E5-2680 v3 @ 2.50GHz", family=6, model=63,
        stepping=2, mhz="2494.224",
        most="1fcbfbff-f7fa3223-2c100800-00000021-00000001-000007ab-00000000-00000000-00000000-9c000400" + ZEROS,
        usual="1fcbfbff-f7fa3203-2c100800-00000021-00000001-000007ab-00000000-00000000-00000000-8c000400" + ZEROS,
        paravirtual="17c9cbf5-f6f83203-28100800-00000021-00000001-00000329-00000000-00000000-00000000-8c000000" + ZEROS,
    ),
    "skylake": CpuModel(
        vendor="GenuineIntel", modelname="Intel(R) Xeon(R) Gold 6126 CPU @ 2.60GHz", family=6, model=85,
        stepping=4, mhz="2594.018",
        most="1fcbfbff-f7fa3223-2d93fbff-00000123-00000001-d39ffffb-00000008-00000000-00001000-9c000400" + ZEROS,
        usual="1fcbfbff-f7fa3203-2d93fbff-00000123-00000001-d39ffffb-00000000-00000000-00001000-8c000400" + ZEROS,
        paravirtual="1789cbf5-f6f83203-2991cbf5-00000023-00000001-01000b39-00000000-00000000-00001000-8c000000" + ZEROS,
    ),
    "icelake": CpuModel(
        vendor="GenuineIntel", modelname="Intel(R) Xeon(R) Gold 6338 CPU @ 2.00GHz", family=6, model=106,
        stepping=6, mhz="1995.312",
        most="1fcbfbff-f7fa3223-2d93fbff-00000123-00000007-f3bfffff-00405f4e-00000000-00001010-bc000410" + ZEROS,
        usual="1fcbfbff-f7fa3203-2d93fbff-00000123-00000007-f3bfffff-00405f46-00000000-00001010-ac000410" + ZEROS,
        paravirtual="1789cbf5-f6f83203-2991cbf5-00000023-00000003-21000b39-00000000-00000000-00001000-ac000000" + ZEROS,
    ),
    "rome": CpuModel(
        vendor="AuthenticAMD", modelname="AMD EPYC 7402P 24-Core Processor", family=23, model=49,
        stepping=0, mhz="2794.748",
        most="178bfbff-7eda3203-2fd3fbff-35c233ff-0000000f-219c91a9-00400004-00000500-91bef75f-00000000" + ZEROS,
        usual="178bfbff-76da3203-2fd3fbff-35c233ff-0000000f-219c91a9-00400004-00000500-811ef75f-00000000" + ZEROS,
        paravirtual="1789cbf5-76d83203-2991cbf5-00402221-0000000f-21880329-00000000-00000000-0000d001-00000000" + ZEROS,
    ),
}  # fmt: skip


@dataclass(kw_only=True)
class Nic:
    """A card in its slot; `carrier` is what the cable really gives, `port` where it ends ("" without one)."""

    device: str
    mac: str
    speed: int
    carrier: bool
    vendor: str
    product: str
    pci: str
    port: str = FLAT
    rate: int = 10_000  # what it can do; `speed` is what it does

    @property
    def position(self) -> int:
        """N of ethN; the order in which the machine numbers its cards."""
        return int("".join(letter for letter in self.device if letter.isdigit()) or 0)


@dataclass(kw_only=True)
class LocalDisk:
    """One disk in a server."""

    name: str
    size: int
    full: bool = False


@dataclass(kw_only=True)
class Hardware:
    cpu: CpuModel
    sockets: int
    cores: int
    memory: int
    nics: list[Nic]
    disks: list[LocalDisk] = field(default_factory=list)

    @property
    def cpu_count(self) -> int:
        return self.sockets * self.cores


def assemble(spec: HostSpec, seed: str) -> Hardware:
    """The machine that a scene describes; addresses of cards follow from `seed`, so they stay the same."""
    given = {nic.device: nic for nic in spec.nic_overrides}
    wanted = [given.pop(f"eth{place}", NicSpec(device=f"eth{place}")) for place in range(spec.nics)]
    return Hardware(
        cpu=CPUS[spec.cpu.model],
        sockets=spec.cpu.sockets,
        cores=spec.cpu.cores,
        memory=spec.memory_gib * GIB,
        disks=[LocalDisk(name=disk.name, size=disk.size_gib * GIB) for disk in spec.disks],
        nics=[
            card(nic, place, seed, spec.cables.get(nic.device, FLAT))
            for place, nic in enumerate([*wanted, *given.values()])
        ],
    )


def card(spec: NicSpec, place: int, seed: str, port: str = FLAT) -> Nic:
    """One card, in a slot that follows from its place where nothing else is said."""
    carrier = spec.carrier and bool(port)
    digest = hashlib.sha256(seed.encode()).hexdigest()
    return Nic(
        device=spec.device,
        mac=spec.mac or f"3c:fd:fe:{digest[:2]}:{digest[2:4]}:{place:02x}",
        speed=spec.speed if carrier else 0,
        carrier=carrier,
        vendor=spec.vendor,
        product=spec.product,
        pci=spec.pci or f"0000:{0x3B + place // 4:02x}:00.{place % 4}",
        port=port,
        rate=spec.speed,
    )
