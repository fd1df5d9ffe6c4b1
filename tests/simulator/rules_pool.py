"""What may be done to pools, at random."""

from tests.simulator.operations import Address, One

OPERATIONS: dict[str, tuple[object, ...]] = {
    "pool.eject": (One("host"),),
    "pool.designate_new_master": (One("host"),),
    "pool.sync_database": (),
    "pool.recover_slaves": (),
    "pool.emergency_transition_to_master": (),
    "pool.join": (Address(), "root", "Practice-lab-1"),
    "host.declare_dead": (One("host"),),
    "host.destroy": (One("host"),),
    "pool.enable_ha": ([], {}),
    "pool.disable_ha": (),
}
