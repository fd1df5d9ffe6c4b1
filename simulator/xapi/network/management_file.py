"""management.conf: the management interface as a server keeps it over a new installation of its toolstack."""

from simulator.xapi.network.plugs import kind_of, lower
from simulator.xapi.rows import Row, first

MODES = {"DHCP": "dhcp", "Static": "static", "None": "none"}
MODES_V6 = MODES | {"Autoconf": "autoconf"}


def conf_of(host: Row) -> dict[str, str]:
    """A bond becomes its primary member; a VLAN's tag is kept (xapi_pool.ml: eject_self)."""
    pif = first(host.database, "PIF", host=host.ref, management=True)
    if pif is None:
        return {}
    conf = {"LABEL": card_below(pif).text("device"), "MODE": MODES[pif.text("ip_configuration_mode")]}
    conf["MODEV6"] = MODES_V6[pif.text("ipv6_configuration_mode")]
    if conf["MODE"] == "static":
        conf |= {"IP": pif.text("IP"), "NETMASK": pif.text("netmask"), "GATEWAY": pif.text("gateway")}
    if conf["MODEV6"] == "static":
        conf |= {"IPv6": next(iter(pif.items("IPv6")), ""), "IPv6_GATEWAY": pif.text("ipv6_gateway")}
    if "static" in {conf["MODE"], conf["MODEV6"]}:
        conf["DNS"] = pif.text("DNS")
    if kind_of(pif) == "vlan":
        conf["VLAN"] = pif.text("VLAN")
    return {key: value for key, value in conf.items() if value}


def card_below(pif: Row) -> Row:
    """The card that stands for a PIF: of a bond its primary member."""
    below = lower(pif)
    if below:
        return card_below(below)
    bond = next(iter(pif.all("bond_master_of", "Bond")), None)
    return bond.to("primary_slave", "PIF") if bond else pif


def fields_of(conf: dict[str, str]) -> dict[str, object]:
    """The settings of the PIF that comes of such a file."""
    modes = {small: name for name, small in MODES_V6.items()}
    return {
        "ip_configuration_mode": modes[conf.get("MODE", "none")],
        "IP": conf.get("IP", ""),
        "netmask": conf.get("NETMASK", ""),
        "gateway": conf.get("GATEWAY", ""),
        "DNS": conf.get("DNS", ""),
        "ipv6_configuration_mode": modes[conf.get("MODEV6", "none")],
        "IPv6": [conf["IPv6"]] if conf.get("IPv6") else [""],
        "ipv6_gateway": conf.get("IPv6_GATEWAY", ""),
    }
