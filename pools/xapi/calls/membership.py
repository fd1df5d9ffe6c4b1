"""Messages of a pool's members: at work or not, emptied, put in charge, removed."""

from pools.xapi.calls.caller import Caller
from pools.xapi.endpoint import Login, Secret
from pools.xapi.errors import XapiFailure


class MembershipCalls(Caller):
    """The membership messages of a session; each returns its task's reference."""

    def host_disable(self, host: str) -> str:
        """Async.host.disable: no VM starts there any more, not after a restart either (auto_enable, since 25.31.0).

        An older XAPI refuses the second parameter, and has done nothing then.
        """
        try:
            return self._submit("Async.host.disable", host, False)
        except XapiFailure as refusal:
            if refusal.code != "MESSAGE_PARAMETER_COUNT_MISMATCH":
                raise
        return self._submit("Async.host.disable", host)

    def host_enable(self, host: str) -> str:
        """Async.host.enable."""
        return self._submit("Async.host.enable", host)

    def host_evacuate(self, host: str) -> str:
        """Async.host.evacuate: every running VM moves live to another server."""
        return self._submit("Async.host.evacuate", host)

    def pool_designate_new_master(self, host: str) -> str:
        """Async.pool.designate_new_master: every toolstack of the pool restarts."""
        return self._submit("Async.pool.designate_new_master", host)

    def pool_eject(self, host: str) -> str:
        """Async.pool.eject: the server loses its local storage, and reboots."""
        return self._submit("Async.pool.eject", host)

    def change_password(self, old: Login, new: Login) -> None:
        """session.change_password: root's, on every server of the pool; who is root is not asked for the old one."""
        self._write("session.change_password", Secret(old.password), Secret(new.password))

    def pool_rotate_secret(self) -> str:
        """Async.pool.rotate_secret: every server of the pool learns a new secret."""
        return self._submit("Async.pool.rotate_secret")

    def host_declare_dead(self, host: str) -> str:
        """Async.host.declare_dead: its VMs count as halted, and may start elsewhere."""
        return self._submit("Async.host.declare_dead", host)

    def host_destroy(self, host: str) -> str:
        """Async.host.destroy: the pool forgets a server that it does not hear."""
        return self._submit("Async.host.destroy", host)

    def vm_destroy(self, vm: str) -> str:
        """Async.VM.destroy: the record goes; disks are left alone."""
        return self._submit("Async.VM.destroy", vm)
