"""The fields of an object under the names that `xe` gives them (records.ml)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from simulator.schema import schema
from simulator.xapi.rows import NULL, Row

CLASSES = {
    "pif": "PIF", "network": "network", "bond": "Bond", "vlan": "VLAN", "tunnel": "tunnel", "host": "host",
    "pool": "pool", "vm": "VM", "vif": "VIF", "sr": "SR", "pbd": "PBD", "vdi": "VDI",
}  # fmt: skip
SHOWN = {
    "PIF": ("uuid", "device", "currently-attached", "VLAN", "network-uuid"),
    "network": ("uuid", "name-label", "name-description", "bridge"),
    "Bond": ("uuid", "master", "slaves"),
    "VLAN": ("uuid", "tagged-PIF", "untagged-PIF", "tag"),
    "tunnel": ("uuid", "transport-PIF", "access-PIF"),
    "host": ("uuid", "name-label", "name-description"),
    "pool": ("uuid", "name-label", "name-description", "master", "default-SR"),
    "VM": ("uuid", "name-label", "power-state"),
    "VIF": ("uuid", "device", "vm-uuid", "network-uuid"),
    "SR": ("uuid", "name-label", "name-description", "type", "content-type"),
    "PBD": ("uuid", "host-uuid", "sr-uuid", "currently-attached"),
    "VDI": ("uuid", "name-label", "name-description", "sr-uuid", "virtual-size"),
}
NAMES = {
    "ip_configuration_mode": "IP-configuration-mode",
    "ipv6_configuration_mode": "IPv6-configuration-mode",
    "ipv6_gateway": "IPv6-gateway",
    "VLAN_master_of": "vlan-master-of",
    "VLAN_slave_of": "vlan-slave-of",
    "host": "host-uuid",
    "network": "network-uuid",
    "VM": "vm-uuid",
    "SR": "sr-uuid",
    "PIFs": "PIF-uuids",
    "VIFs": "VIF-uuids",
}


@dataclass(frozen=True)
class Field:
    """`stored` is the name in the model, empty where the value is worked out; `mark` is RO, RW, MRW and so on."""

    stored: str
    mark: str
    show: Callable[[Row], str]


def fields_of(cls: str) -> dict[str, Field]:
    """In the model's order, those of xe's own after them."""
    found = {}
    for name, spec in schema().classes[cls].fields.items():
        if spec.removed:
            continue
        mark = {"set": "S", "map": "M"}.get(spec.type.kind, " ") + ("RW" if spec.qualifier == "RW" else "RO")
        target = (spec.type.item or spec.type).name if spec.type.kind in {"ref", "set"} else ""
        found[NAMES.get(name, name.replace("_", "-"))] = Field(name, mark, _reader(name, target))
    return found | {name: Field("", " RO", show) for name, show in DERIVED.get(cls, {}).items()}


def _reader(name: str, target: str) -> Callable[[Row], str]:
    return lambda row: shown(row, row.database.field(row.cls, row.ref, name), target)


def shown(row: Row, value: object, target: str = "") -> str:
    """A value as text: references are told by the UUID of what they name."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "; ".join(shown(row, item, target) for item in value)
    if isinstance(value, dict):
        return "; ".join(f"{key}: {item}" for key, item in value.items())
    text = str(value)
    if text == NULL:
        return "<not in database>"
    if target in schema().classes and text.startswith("OpaqueRef:"):
        known = row.database.has(target, text) and "uuid" in schema().classes[target].fields
        return Row(row.database, target, text).uuid if known else "<not in database>"
    return text


def _label(cls: str, name: str) -> Callable[[Row], str]:
    return lambda row: row.to(name, cls).text("name_label")


def _metric(name: str) -> Callable[[Row], str]:
    def show(row: Row) -> str:
        metrics = row.to("metrics", "PIF_metrics")
        if not row.database.has("PIF_metrics", metrics.ref):
            return "<unknown>"
        return shown(row, row.database.field("PIF_metrics", metrics.ref, name))

    return show


METRICS = ("carrier", "vendor_name", "device_name", "speed", "duplex", "pci_bus_path")
DERIVED: dict[str, dict[str, Callable[[Row], str]]] = {
    "PIF": {
        "network-name-label": _label("network", "network"),
        "host-name-label": _label("host", "host"),
        **{name.replace("_", "-"): _metric(name) for name in METRICS},
    },
    "VIF": {"vm-name-label": _label("VM", "VM"), "network-name-label": _label("network", "network")},
    "PBD": {"sr-name-label": _label("SR", "SR")},
}
