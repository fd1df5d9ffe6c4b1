"""The commands of `xe` that are one call each: cli_frontend.ml's names, and what they print."""

from dataclasses import dataclass

from simulator.console.xe.arguments import NULL, Argument, Flag, Given, Map, Number, Ref, Refs, SelectedHost, Text
from simulator.console.xe.client import Client


@dataclass(frozen=True)
class Command:
    """`result` is the class whose UUID (or UUIDs) are printed; `local` ones go to this server in any state."""

    method: str
    arguments: tuple[Argument, ...] = ()
    result: str = ""
    local: bool = False

    def run(self, client: Client, given: Given) -> str:
        arguments = [argument.value(client, given) for argument in self.arguments]
        value = (client.local if self.local else client.call)(self.method, *arguments)
        if self.result:
            refs = value if isinstance(value, list) else [value]
            return "\n".join(client.uuid(self.result, ref) for ref in refs)
        return {True: "true", False: "false"}[value] if isinstance(value, bool) else ""


NETWORK = Ref("network", "network-uuid")
COMMANDS: dict[str, Command] = {
    "pif-scan": Command("PIF.scan", (Ref("host", "host-uuid"),)),
    "pif-introduce": Command(
        "PIF.introduce",
        (Ref("host", "host-uuid"), Text("mac", ""), Text("device"), Flag("managed", otherwise=True)),
        "PIF",
    ),
    "pif-forget": Command("PIF.forget", (Ref("PIF"),)),
    "pif-plug": Command("PIF.plug", (Ref("PIF"),)),
    "pif-unplug": Command("PIF.unplug", (Ref("PIF"),)),
    "pif-reconfigure-ip": Command(
        "PIF.reconfigure_ip",
        (Ref("PIF"), Text("mode"), Text("IP", ""), Text("netmask", ""), Text("gateway", ""), Text("DNS", "")),
    ),
    "pif-reconfigure-ipv6": Command(
        "PIF.reconfigure_ipv6", (Ref("PIF"), Text("mode"), Text("IPv6", ""), Text("gateway", ""), Text("DNS", ""))
    ),
    "pif-set-primary-address-type": Command("PIF.set_primary_address_type", (Ref("PIF"), Text("primary_address_type"))),
    "network-destroy": Command("network.destroy", (Ref("network"),)),
    "bond-create": Command(
        "Bond.create",
        (
            NETWORK,
            Refs("PIF", "pif-uuids"),
            Text("mac", ""),
            Text("mode", ""),
            Map("properties"),
        ),
        "Bond",
    ),
    "bond-destroy": Command("Bond.destroy", (Ref("Bond"),)),
    "bond-set-mode": Command("Bond.set_mode", (Ref("Bond"), Text("mode"))),
    "pool-vlan-create": Command("pool.create_VLAN_from_PIF", (Ref("PIF", "pif-uuid"), NETWORK, Number("vlan")), "PIF"),
    "host-management-reconfigure": Command("host.management_reconfigure", (Ref("PIF", "pif-uuid"),)),
    "pool-management-reconfigure": Command("pool.management_reconfigure", (NETWORK,)),
    "host-disable": Command("host.disable", (SelectedHost(), Flag("auto-enable", otherwise=True))),
    "host-evacuate": Command(
        "host.evacuate", (SelectedHost(), Ref("network", "network-uuid", NULL), Number("batch-size", 0))
    ),
    "host-forget": Command("host.destroy", (Ref("host"),)),
    "host-restart-agent": Command("host.restart_agent", (SelectedHost(),)),
    "vif-move": Command("VIF.move", (Ref("VIF"), NETWORK)),
    "pool-ha-disable": Command("pool.disable_ha"),
    "pool-recover-slaves": Command("pool.recover_slaves", result="host"),
    "pool-designate-new-master": Command("pool.designate_new_master", (Ref("host", "host-uuid"),)),
    "pool-sync-database": Command("pool.sync_database"),
    "pool-eject": Command("pool.eject", (Ref("host", "host-uuid"),)),
    "pool-emergency-reset-master": Command("pool.emergency_reset_master", (Text("master-address"),), local=True),
    "pool-emergency-transition-to-master": Command("pool.emergency_transition_to_master", local=True),
    "host-emergency-management-reconfigure": Command(
        "host.local_management_reconfigure", (Text("interface"),), local=True
    ),
    "host-is-in-emergency-mode": Command("host.is_in_emergency_mode", local=True),
    "host-emergency-ha-disable": Command("host.emergency_ha_disable", (Flag("soft", otherwise=False),), local=True),
}
