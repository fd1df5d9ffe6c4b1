"""The bonds, VLANs and tunnels of one host; records that hang in the air belong to nobody."""

from simulator.xapi.rows import Row, rows


def bonds_of(host: Row) -> list[Row]:
    return [bond for bond in rows(host.database, "Bond") if _is_of(host, bond.text("master"))]


def vlans_of(host: Row) -> list[Row]:
    return [vlan for vlan in rows(host.database, "VLAN") if _is_of(host, vlan.text("untagged_PIF"))]


def tunnels_of(host: Row) -> list[Row]:
    return [tunnel for tunnel in rows(host.database, "tunnel") if _is_of(host, tunnel.text("access_PIF"))]


def _is_of(host: Row, pif: str) -> bool:
    return host.database.has("PIF", pif) and Row(host.database, "PIF", pif).text("host") == host.ref
