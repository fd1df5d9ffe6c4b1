"""How long things take: one table of profiles, in seconds."""

import time
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Timing:
    """One profile; the durations of `real` are estimates, xapi's source states none but the fuse."""

    name: str
    call: float  # latency of every call
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

    def call_delay(self) -> None:
        """The way of one call over the network."""
        if self.call:
            time.sleep(self.call)


PROFILES: dict[str, Timing] = {
    profile.name: profile
    for profile in (
        Timing(
            name="instant", call=0, join=0, fuse=0.05, down=0.01, booting=0, sync=0, storage=0, network=0,
            retry=0.02, refused_login=0, heartbeat=0.2, power_on=0.01,
        ),
        Timing(
            name="fast", call=0.002, join=0.25, fuse=0.2, down=0.15, booting=0.08, sync=0.1, storage=0.05,
            network=0.04, retry=0.1, refused_login=0.1, heartbeat=2, power_on=0.5,
        ),
        Timing(
            name="real", call=0.02, join=3, fuse=10, down=12, booting=8, sync=25, storage=8, network=3, retry=5,
            refused_login=5, heartbeat=600, power_on=120,
        ),
    )
}  # fmt: skip
