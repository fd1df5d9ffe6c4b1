"""What stands on a server's disk: it outlives the toolstack, a power cut and the lab itself."""

from copy import copy
from dataclasses import dataclass, field, fields

from simulator.world.interfaces import Plug
from simulator.world.role import MASTER
from simulator.world.state_database import SavedDatabase


@dataclass(kw_only=True)
class Disk:
    """`role` is pool.conf: "master", "slave:<address>" or "broken"; maps are replaced or changed in place."""

    role: str = MASTER
    auto_enable: bool = True  # host_auto_enable of the local database
    disabled_until_reboot: bool = False
    ha_armed: bool = False
    inventory_bridge: str = ""  # MANAGEMENT_INTERFACE of xensource-inventory
    management_conf: dict[str, str] = field(default_factory=dict)
    network_reset: dict[str, str] = field(default_factory=dict)  # the trigger file of xe-reset-networking
    plugs: dict[str, Plug] = field(default_factory=dict)  # networkd.db, by bridge
    nic_order: dict[str, int] = field(default_factory=dict)  # position by MAC, as interface-rename keeps it
    last_update_hash: str = ""
    first_boot: bool = False  # the scripts of a first boot run at the next start: an ejected server's
    database_copy: SavedDatabase | None = field(default=None, repr=False)
    pool_secret: str = field(default="", repr=False)
    certificates: dict[str, str] = field(default_factory=dict)  # trusted ones: fingerprint by name
    volumes: dict[str, dict[str, str]] = field(default_factory=dict)  # by SR: the VDIs that lie here
    wiped: tuple[str, ...] = ()  # SRs that once lay here

    def copied(self) -> "Disk":
        """As of this moment, whatever is written later."""
        now = copy(self)
        for item in fields(self):
            value = getattr(self, item.name)
            if isinstance(value, dict):
                setattr(now, item.name, dict(value))
        return now
