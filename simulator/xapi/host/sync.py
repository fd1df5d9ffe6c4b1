"""What a starting toolstack writes about its own server (dbsync*.ml, create_misc.ml)."""

from cryptography.hazmat.primitives import hashes

from simulator.world.features import level, parse, render
from simulator.world.hardware import CpuModel
from simulator.world.host import HostMachine
from simulator.xapi.host.memory import refresh_free_memory
from simulator.xapi.machines import host_row
from simulator.xapi.rows import Row, add, first, rows
from simulator.xapi.versions import version_of

# The release of the toolstack that brought a key of cpu_info, and the one that removed the four-word features.
CPU_KEYS_SINCE: dict[str, tuple[int, ...]] = {"threads_per_core": (24, 12), "nr_nodes": (25, 34)}
FOUR_WORDS_UNTIL = (22, 7)
WIRE_TIME = "%Y%m%dT%H:%M:%SZ"
BIOS = {"system-manufacturer": "Lab Systems", "system-product-name": "R200"}
CAPABILITIES = ["xen-3.0-x86_64", "hvm-3.0-x86_32", "hvm-3.0-x86_32p", "hvm-3.0-x86_64"]


def refresh_host(machine: HostMachine) -> None:
    """Bring the rows of a host up to date with its hardware and software."""
    host = host_row(machine)
    times = {"boot_time": f"{int(machine.booted_at)}.", "agent_start_time": f"{int(machine.now())}."}
    major, minor = machine.api_version.split(".")
    host.set(
        software_version=dict(machine.software),
        API_version_major=int(major),
        API_version_minor=int(minor),
        capabilities=CAPABILITIES,
        bios_strings=BIOS,
        cpu_info=cpu_info(machine),
        other_config=host.mapping("other_config") | times,
    )
    host.to("metrics", "host_metrics").set(memory_total=machine.hardware.memory, live=True)
    _refresh_cpus(machine, host)
    _refresh_certificates(machine, host)
    _refresh_control_domain(host)
    refresh_free_memory(host)


def cpu_info(machine: HostMachine) -> dict[str, str]:
    """With the keys that this release has (pool.md 6.1)."""
    info, release = _newest_cpu_info(machine), version_of(machine.software)
    if release < FOUR_WORDS_UNTIL:
        info["features"] = four_words(machine.hardware.cpu.usual)
    return {key: value for key, value in info.items() if release >= CPU_KEYS_SINCE.get(key, ())}


def four_words(features: str) -> str:
    """The oldest form: leaf 1 and leaf 0x80000001, of each ECX before EDX."""
    words = (*parse(features), 0, 0, 0, 0)
    return render((words[1], words[0], words[3], words[2]))


def _newest_cpu_info(machine: HostMachine) -> dict[str, str]:
    hardware, cpu = machine.hardware, machine.hardware.cpu
    return {
        "cpu_count": str(hardware.cpu_count),
        "socket_count": str(hardware.sockets),
        "threads_per_core": "2",
        "nr_nodes": str(hardware.sockets),
        "vendor": cpu.vendor,
        "speed": cpu.mhz,
        "modelname": cpu.modelname,
        "family": str(cpu.family),
        "model": str(cpu.model),
        "stepping": str(cpu.stepping),
        "flags": "fpu de tsc msr pae mce cx8 apic sep mca cmov pat clflush mmx fxsr sse sse2 ht syscall nx lm",
        "features_pv": cpu.paravirtual,
        "features_hvm": cpu.most,
        "features_pv_host": cpu.paravirtual,
        "features_hvm_host": cpu.usual,
    }


def refresh_pool_cpu_info(pool: Row) -> None:
    """The level of a pool: sums, the common features, and the vendor of the last host (create_pool_cpuinfo)."""
    hosts = [host for host in rows(pool.database, "host") if "features_hvm_host" in host.mapping("cpu_info")]
    complete = [host.mapping("cpu_info") for host in hosts]
    with_hvm = [host.mapping("cpu_info") for host in hosts if "hvm" in " ".join(host.items("capabilities"))]
    if not complete:
        return
    pool.set(
        cpu_info={
            "vendor": complete[-1]["vendor"],
            "socket_count": str(sum(int(info["socket_count"]) for info in complete)),
            "cpu_count": str(sum(int(info["cpu_count"]) for info in complete)),
            "features_pv_host": level([info["features_pv_host"] for info in complete]),
            "features_hvm_host": level([info["features_hvm_host"] for info in with_hvm]),
        }
    )


def _refresh_cpus(machine: HostMachine, host: Row) -> None:
    for old in host.items("host_CPUs"):
        machine.database.delete("host_cpu", old)
    for number in range(machine.hardware.cpu_count):
        add(machine.database, "host_cpu", host=host.ref, number=number, **_cpu_fields(machine.hardware.cpu))


def _cpu_fields(cpu: CpuModel) -> dict[str, object]:
    return {
        "vendor": cpu.vendor,
        "modelname": cpu.modelname,
        "speed": int(float(cpu.mhz)),
        "family": cpu.family,
        "model": cpu.model,
        "stepping": str(cpu.stepping),
        "features": cpu.usual,
    }


def _refresh_certificates(machine: HostMachine, host: Row) -> None:
    for kind in ("host", "host_internal"):
        existing = first(machine.database, "Certificate", host=host.ref, type=kind)
        fields = certificate_fields(machine)
        if existing:
            existing.set(**fields)
        else:
            add(machine.database, "Certificate", host=host.ref, type=kind, **fields)


def certificate_fields(machine: HostMachine) -> dict[str, object]:
    """A Certificate row names times and fingerprints of the PEM that the server shows."""
    shown = machine.certificate
    return {
        "not_before": shown.parsed.not_valid_before_utc.strftime(WIRE_TIME),
        "not_after": shown.parsed.not_valid_after_utc.strftime(WIRE_TIME),
        "fingerprint": shown.fingerprint(),
        "fingerprint_sha256": shown.fingerprint(),
        "fingerprint_sha1": shown.fingerprint(hashes.SHA1()),  # noqa: S303 - a field of the row
    }


def _refresh_control_domain(host: Row) -> None:
    """One that a join has brought has no figures yet (dbsync_slave.ml)."""
    for vm in rows(host.database, "VM", is_control_domain=True, resident_on=host.ref):
        host.set(control_domain=vm.ref)
        metrics = vm.to("metrics", "VM_metrics")
        if host.database.has("VM_metrics", metrics.ref):
            metrics.set(memory_actual=vm.number("memory_static_max"))
