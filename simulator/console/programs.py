"""The programs of a server's own system that a person at its console needs."""

import ipaddress

from simulator.console.shell import CommandFailedError, LoggedOut, Shell, program
from simulator.world import reach
from simulator.world.host import HostMachine
from simulator.world.interfaces import UNTAGGED, Plug


@program("exit")
@program("logout")
def leave(_shell: Shell, _words: list[str]) -> str:
    raise LoggedOut


@program("echo")
def echo(_shell: Shell, words: list[str]) -> str:
    return " ".join(words) + "\n"


@program("hostname")
def hostname(shell: Shell, _words: list[str]) -> str:
    return shell.machine.name


@program("reboot")
def reboot(shell: Shell, _words: list[str]) -> str:
    """The login ends with the machine's run."""
    shell.machine.world.reboot(shell.machine)
    raise LoggedOut


@program("xe-toolstack-restart")
def restart_toolstack(shell: Shell, _words: list[str]) -> str:
    shell.machine.world.crash(shell.machine)
    return "Executing xe-toolstack-restart\ndone.\n"


@program("cat")
def cat(shell: Shell, words: list[str]) -> str:
    """The few files that say what a server believes of itself."""
    pages = []
    for path in words:
        page = FILES.get(path)
        if page is None:
            raise CommandFailedError(f"cat: {path}: No such file or directory")
        pages.append(page(shell.machine))
    return "".join(pages)


def pool_conf(machine: HostMachine) -> str:
    return f"{machine.pool_conf}\n"


def inventory(machine: HostMachine) -> str:
    return f"INSTALLATION_UUID='{machine.uuid}'\nMANAGEMENT_INTERFACE='{machine.disk.inventory_bridge}'\n"


def management_conf(machine: HostMachine) -> str:
    return "".join(f"{key}='{value}'\n" for key, value in machine.disk.management_conf.items())


FILES = {
    "/etc/xensource/pool.conf": pool_conf,
    "/etc/xensource-inventory": inventory,
    "/etc/firstboot.d/data/management.conf": management_conf,
}


@program("ip")
def ip(shell: Shell, words: list[str]) -> str:
    """`ip addr` and `ip link`: the cards, then the bridges."""
    if not words or words[0] not in {"a", "addr", "address", "l", "link"}:
        raise CommandFailedError("ip: only `ip addr` and `ip link` are known here")
    machine, wanted = shell.machine, words[0].startswith("a")
    lines = ["1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 state UNKNOWN"]
    for nic in machine.hardware.nics:
        lines += [f"{_number(lines)}: {nic.device}: {_state(lit=nic.carrier)}", f"    link/ether {nic.mac}"]
    for plug in machine.interfaces.plugs.values():
        state = _state(lit=bool(reach.lit(machine, plug.bridge)))
        lines.append(f"{_number(lines)}: {plug.bridge}: {state}{_tag(plug)}")
        if wanted and plug.address:
            lines.append(f"    inet {plug.address}/{_prefix(plug)} scope global {plug.bridge}")
    return "\n".join(lines) + "\n"


def _number(lines: list[str]) -> int:
    return 1 + sum(not line.startswith(" ") for line in lines)


def _state(*, lit: bool) -> str:
    return "<BROADCAST,MULTICAST,UP,LOWER_UP> state UP" if lit else "<NO-CARRIER,BROADCAST,MULTICAST,UP> state DOWN"


def _tag(plug: Plug) -> str:
    return "" if plug.vlan == UNTAGGED else f" vlan {plug.vlan}"


def _prefix(plug: Plug) -> int:
    return ipaddress.ip_network(f"0.0.0.0/{plug.netmask or '255.255.255.255'}").prefixlen
