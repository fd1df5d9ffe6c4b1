"""`xe-reset-networking`: the way back for a server without its management network (python3/bin/xe-reset-networking)."""

import argparse
import ipaddress

from simulator.console.programs import reboot
from simulator.console.shell import CommandFailedError, Shell, program
from simulator.world.host import HostMachine
from simulator.world.management_conf import name_cards, start_networkd
from simulator.world.role import MASTER, slave_of

MODES = ("none", "dhcp", "static")
HIGHEST_VLAN = 4094
WARNING = (
    "----------------------------------------------------------------------\n"
    "!! WARNING !!\n\n"
    "This command will reboot the host and reset its network configuration.\n"
    "Any running VMs will be forcefully shut down, and all network settings\n"
    "of this server will be lost.\n"
    "----------------------------------------------------------------------\n"
)
QUESTION = "Type 'yes' to continue.\nType 'no' to cancel.\n"


class Parser(argparse.ArgumentParser):
    def error(self, message: str) -> None:  # type: ignore[override]
        raise CommandFailedError(f"{self.format_usage()}xe-reset-networking: error: {message}", 2)


def parser() -> Parser:
    found = Parser(prog="xe-reset-networking", add_help=False)
    for flags in (("-m", "--master"), ("--device",), ("--ip",), ("--netmask",), ("--gateway",), ("--dns",)):
        found.add_argument(*flags, default="")
    for flag in ("--ipv6", "--gateway-v6", "--vlan"):
        found.add_argument(flag, default="")
    found.add_argument("--mode", default="dhcp")
    found.add_argument("--mode-v6", default="none")
    found.add_argument("--novlan", action="store_true")
    found.add_argument("--keep-interface-name-rules", action="store_true")
    return found


@program("xe-reset-networking")
def reset_networking(shell: Shell, words: list[str]) -> str:
    """Check, have a `yes` typed, write the files and reboot."""
    machine = shell.machine
    if machine.disk.ha_armed:
        raise CommandFailedError("Error: HA must be disabled on this server first.")
    chosen = parser().parse_args(words)
    conf = wanted(machine, chosen)
    if shell.keyboard.ask(WARNING + _summary(conf) + QUESTION).strip() != "yes":
        raise CommandFailedError("Cancelled.", 1)
    _write(machine, chosen, conf)
    return reboot(shell, [])


def wanted(machine: HostMachine, chosen: argparse.Namespace) -> dict[str, str]:
    """What the server's management is to be; CommandFailedError where the flags do not fit together."""
    _check(machine, chosen)
    old = machine.disk.management_conf
    device = chosen.device or old.get("LABEL", "")
    if not device:
        raise CommandFailedError("Error: could not determine the device of the primary management interface.")
    conf = {"LABEL": device, "MODE": chosen.mode, "MODEV6": chosen.mode_v6}
    if chosen.mode == "static":
        conf |= {"IP": chosen.ip, "NETMASK": chosen.netmask, "GATEWAY": chosen.gateway}
    if chosen.mode_v6 == "static":
        conf |= {"IPv6": chosen.ipv6, "IPv6_GATEWAY": chosen.gateway_v6}
    if chosen.dns and "static" in {chosen.mode, chosen.mode_v6}:
        conf["DNS"] = chosen.dns
    vlan = "" if chosen.novlan else chosen.vlan or old.get("VLAN", "")
    return {key: value for key, value in conf.items() if value} | ({"VLAN": vlan} if vlan else {})


def _check(machine: HostMachine, chosen: argparse.Namespace) -> None:
    """The program's own rules; its check of --mode-v6 looks at the wrong variable, so a typing error passes."""
    found = parser()
    for broken, reason in (
        (chosen.mode not in MODES, f"mode must be one of {', '.join(MODES)}"),
        (chosen.mode == "none" and chosen.mode_v6 == "none", "at least one of the modes must not be none"),
        (chosen.mode == "static" and not (chosen.ip and chosen.netmask), "static mode needs --ip and --netmask"),
        (chosen.mode_v6 == "static" and "/" not in chosen.ipv6, "static IPv6 mode needs --ipv6 in CIDR notation"),
        (chosen.vlan and chosen.novlan, "--vlan and --novlan cannot be used together"),
        (chosen.vlan and not _is_vlan(chosen.vlan), f"the VLAN must be a number from 0 to {HIGHEST_VLAN}"),
        (chosen.master and machine.pool_conf == MASTER, "--master is for members; this server is the coordinator"),
    ):
        if broken:
            found.error(reason)
    for name in ("ip", "netmask", "gateway", "master"):
        _check_address(found, name, getattr(chosen, name))


def _is_vlan(text: str) -> bool:
    return text.isdecimal() and int(text) <= HIGHEST_VLAN


def _check_address(found: Parser, name: str, text: str) -> None:
    try:
        if text:
            ipaddress.ip_address(text)
    except ValueError:
        found.error(f"{name}: {text} is no IP address")


def _summary(conf: dict[str, str]) -> str:
    return "".join(f"{key:>12}: {value}\n" for key, value in conf.items()) + "\n"


def _write(machine: HostMachine, chosen: argparse.Namespace, conf: dict[str, str]) -> None:
    """pool.conf, the inventory, networkd's own database, management.conf and the trigger of the next start."""
    disk = machine.disk
    if chosen.master:
        disk.role = slave_of(chosen.master)
    disk.management_conf = dict(conf)
    disk.network_reset = dict(conf)
    if not chosen.keep_interface_name_rules:
        name_cards(machine)
    start_networkd(machine)
