"""What is kept of XAPI's records: the declared fields, and single keys of maps that may hold secrets."""

from pools.xapi.inventory import CLASSES, Snapshot
from pools.xapi.records import PIFRecord, VMRecord
from pools.xapi.tables import kept

VM: dict[str, object] = {
    "uuid": "u",
    "version": "3",
    "other_config": {"mac_seed": "9a1c", "password": "secret"},
    "xenstore_data": {},
}


def test_of_a_map_that_may_hold_secrets_one_key_is_kept() -> None:
    stored = kept("vm", VM)
    assert stored == {"uuid": "u", "version": "3", "mac_seed": "9a1c"}
    assert Snapshot.from_wire({"vm": {"r": stored}}).vms["r"] == VMRecord.from_wire("r", VM)


def test_a_map_without_the_key_gives_nothing() -> None:
    assert kept("vm", {"other_config": {"password": "secret"}}) == {}
    assert VMRecord.from_wire("r", {"other_config": "odd"}).mac_seed == ""


def test_of_the_settings_of_an_interface_the_named_ones_are_kept() -> None:
    wire: dict[str, object] = {"device": "eth0", "other_config": {"domain": "lab.example", "password": "secret"}}
    stored = kept("pif", wire)
    assert stored == {"device": "eth0", "settings": {"domain": "lab.example"}}
    assert PIFRecord.from_wire("r", stored) == PIFRecord.from_wire("r", wire)
    assert PIFRecord.from_wire("r", {"settings": {"password": "secret"}}).settings == {}


def test_no_record_declares_a_map_that_may_hold_secrets() -> None:
    declared = {name for _, kind in CLASSES.values() for name in kind.__dataclass_fields__}
    assert not declared & {"other_config", "device_config", "sm_config", "license_params", "xenstore_data", "secret"}
