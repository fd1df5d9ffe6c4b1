"""How long things take: one table of profiles, in seconds."""

import time
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Timing:
    """One profile; the durations of `real` are estimates, xapi's source states none but the fuse."""

    name: str
    call: float  # latency of every call
    batching: float  # event.from and event.next wait before they answer: a burst of writes is one batch
    join: float  # pool.join, from its last check to its reply
    fuse: float  # reply of pool.join -> toolstack exits (10 s: xapi_fuse.ml)
    down: float  # toolstack exits -> answers again
    booting: float  # emergency mode before Pool.hello, in two halves
    sync: float  # Pool.hello -> database of the host brought up to date
    storage: float  # all PBDs of one host plugged
    network: float  # each bond or VLAN copied from the master
    retry: float  # pause between two tries of Pool.hello
    refused_login: float  # what a wrong password costs the joining host
    heartbeat: float  # silence after which the master calls a host dead
    power_on: float  # power button -> toolstack starts
    contact: float  # tries to connect to a live host that is silent (10 tries, 10 s apart)
    reboot: float  # orderly shutdown of the server -> toolstack starts
    retry_permanent: float  # a start failed, or a hello was refused for good -> the next try (60-180 s, 60 s)
    liveness_check: float  # between two looks of the master at the heartbeats
    collection: float  # between two collections of rows that nothing needs
    metrics_lag: float  # a link changes -> PIF_metrics and links_up say so
    up_delay: float  # a bond's leg has carrier again -> it is used
    lacp: float  # a switch and a bond agree on LACP
    migration: float  # one VM moves to another host
    evacuate: float  # between two looks of host.evacuate at its batch
    bond_tolerance: float  # Bond.create and management_reconfigure outlive a lost connection for this long
    reconfigure_tolerance: float  # PIF.reconfigure_ip does
    wait_pool: float  # a pool operation waits for another one
    backup: float  # between two copies of the master's database to a member
    dhcp: float  # an address is asked for and given

    def call_delay(self) -> None:
        """The way of one call over the network."""
        if self.call:
            time.sleep(self.call)


PROFILES: dict[str, Timing] = {
    profile.name: profile
    for profile in (
        Timing(
            name="instant", call=0, batching=0.002, join=0, fuse=0.05, down=0.01, booting=0, sync=0, storage=0,
            network=0, retry=0.02, refused_login=0, heartbeat=0.2, power_on=0.01,
            contact=0.05, reboot=0.02, retry_permanent=0.05, liveness_check=0.05,
            collection=0.05, metrics_lag=0.02, up_delay=0.05, lacp=0.01, migration=0, evacuate=0.01,
            bond_tolerance=2, reconfigure_tolerance=2, wait_pool=2, backup=0.1, dhcp=0,
        ),
        Timing(
            name="fast", call=0.002, batching=0.05, join=0.25, fuse=0.2, down=0.15, booting=0.08, sync=0.1,
            storage=0.05, network=0.04, retry=0.1, refused_login=0.1, heartbeat=2, power_on=0.5,
            contact=1, reboot=1, retry_permanent=1, liveness_check=0.5, collection=0.5,
            metrics_lag=0.1, up_delay=0.5, lacp=0.1, migration=0.3, evacuate=0.1, bond_tolerance=3,
            reconfigure_tolerance=6, wait_pool=30, backup=5, dhcp=0.1,
        ),
        Timing(
            name="real", call=0.02, batching=0.05, join=3, fuse=10, down=12, booting=8, sync=25, storage=8, network=3,
            retry=5, refused_login=5, heartbeat=600, power_on=120,
            contact=100, reboot=180, retry_permanent=60, liveness_check=30, collection=30,
            metrics_lag=5, up_delay=31, lacp=3, migration=20, evacuate=1, bond_tolerance=30,
            reconfigure_tolerance=300, wait_pool=7200, backup=300, dhcp=4,
        ),
    )
}  # fmt: skip
