"""Messages of an emergency: a member that makes itself the coordinator, and a coordinator that gathers the others."""

from pools.xapi.calls.caller import Caller


class EmergencyCalls(Caller):
    """The emergency messages; none of them has a task."""

    def pool_emergency_transition_to_master(self) -> None:
        """pool.emergency_transition_to_master, by a session of this member alone: it restarts as the coordinator."""
        self._write("pool.emergency_transition_to_master")

    def pool_recover_slaves(self) -> None:
        """pool.recover_slaves: every other server is pointed at this coordinator; errors are ignored."""
        self._write("pool.recover_slaves")
