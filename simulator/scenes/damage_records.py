"""Damage that stands in records alone, as crashes, old versions and db_introduce leave it behind."""

from simulator.scenes.damage import damage
from simulator.scenes.damage_network import Data, bond_on, card, place
from simulator.world.host import HostMachine
from simulator.xapi.machines import host_row
from simulator.xapi.network.rows import add_network
from simulator.xapi.rows import add, first, rows
from simulator.xapi.vm.rows import NewVm, add_vm

GONE = "OpaqueRef:00000000-0000-4000-8000-000000000000"


@damage("bond-mode")
def other_mode(machine: HostMachine, data: Data) -> None:
    bond_on(machine, data["network"]).set(mode=data["mode"], properties={})


@damage("bond-primary")
def other_primary(machine: HostMachine, data: Data) -> None:
    """Another primary member, and a MAC that no longer follows it."""
    primary = card(machine, data["device"])
    found = bond_on(machine, data["network"])
    found.set(primary_slave=primary.ref, auto_update_mac=False)
    found.to("master", "PIF").set(MAC=primary.text("MAC"))


@damage("bond-fields")
def bond_fields(machine: HostMachine, data: Data) -> None:
    """Single fields of the bond's PIF: MTU, or keys of other_config."""
    pif = bond_on(machine, data["network"]).to("master", "PIF")
    if "MTU" in data:
        pif.set(MTU=int(data["MTU"]))
    for key, value in data.items():
        if key not in {"network", "MTU"}:
            pif.put("other_config", key, value)


@damage("no-address")
def forget_address(machine: HostMachine, _data: Data) -> None:
    """The management PIF says that it has no address; the live one stays until the next plug."""
    for pif in rows(machine.database, "PIF", host=machine.ref, management=True):
        pif.set(ip_configuration_mode="None", IP="", netmask="", gateway="", DNS="")


@damage("card-fields")
def card_fields(machine: HostMachine, data: Data) -> None:
    """An address on a card that is a bond's member, or a card that is not managed."""
    pif = card(machine, data["device"])
    if "IP" in data:
        pif.set(ip_configuration_mode="Static", IP=data["IP"], netmask="255.255.255.0", currently_attached=True)
    if "managed" in data:
        pif.set(managed=data["managed"] == "true")


@damage("card-network")
def move_card(machine: HostMachine, data: Data) -> None:
    """A card on a network of its own, whose bridge may say another position, none, or one that is taken."""
    network = add_network(machine.database, data["label"], data["bridge"])
    card(machine, data["device"]).set(network=network.ref)


@damage("dangling")
def dangling_records(machine: HostMachine, data: Data) -> None:
    """A card in a bond that is gone, a VLAN whose own PIF is gone, and a bond whose PIF is gone."""
    pif = card(machine, data["device"])
    pif.set(bond_slave_of=GONE)
    add(machine.database, "VLAN", tagged_PIF=pif.ref, untagged_PIF=GONE, tag=99, other_config={})
    add(machine.database, "Bond", master=GONE, mode="balance-slb", other_config={})


@damage("vif-on-member")
def vif_on_member(machine: HostMachine, data: Data) -> None:
    """A halted VM on the raw network of cards that are members of bonds."""
    vm = add_vm(host_row(machine), NewVm(name=data["vm"]))
    network = card(machine, data["device"]).text("network")
    add(machine.database, "VIF", VM=vm.ref, network=network, device="0", MAC="02:16:3e:00:00:25", MTU=1500)


@damage("cluster")
def cluster_interface(machine: HostMachine, data: Data) -> None:
    """The host talks to its cluster by the bond of a network, or by a card."""
    pif = place(machine, data["on"])
    cluster = first(machine.database, "Cluster") or add(machine.database, "Cluster")
    add(machine.database, "Cluster_host", cluster=cluster.ref, host=machine.ref, PIF=pif.ref, enabled=True, joined=True)
