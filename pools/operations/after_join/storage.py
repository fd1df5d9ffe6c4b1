"""The pool's shared storage, plugged on the new member: XAPI tries once while it starts, and tolerates a failure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pools.checks.finding import Finding, Severity, listed
from pools.operations.after_join.member import MemberStep, member_of
from pools.operations.attempts import Outcome
from pools.operations.context import Context
from pools.operations.step import Differs, ReversibleStep
from pools.operations.xe import xe
from pools.xapi.errors import XapiFailure
from pools.xapi.inventory import Snapshot
from pools.xapi.records import PBDRecord

CLASSES = ("host", "pbd", "sr")
NO_PBD = "XENWEB_NO_PBD"


@dataclass(frozen=True, kw_only=True)
class PlugStorage(MemberStep, ReversibleStep):
    """PBD.plug of each shared SR that the coordinator is connected to (create_storage.ml, initialise_storage).

    ``srs``: names by uuid. To plug what is plugged changes nothing.
    """

    coordinator_address: str
    username: str
    srs: Mapping[str, str]

    @property
    def title(self) -> str:
        return f"See that {self.host_name} is connected to {listed(sorted(self.srs.values()))}"

    @property
    def call(self) -> str:
        return f"Async.PBD.plug on {self.coordinator_name}, for each of {len(self.srs)} that XAPI did not plug itself"

    @property
    def xe(self) -> str:
        values = {"host-uuid": self.host_uuid, "currently-attached": "false", "params": "uuid,sr-name-label"}
        return xe(self.coordinator_address, self.username, "pbd-list", values) + "  # then: xe pbd-plug uuid=…"

    @property
    def undo_text(self) -> str:
        return "Nothing to undo: every member of a pool is connected to its shared storage."

    @property
    def look_at(self) -> Sequence[str]:
        return (f"{self.coordinator_name}: “xe pbd-list host-uuid={self.host_uuid}”.",)

    def verify(self, ctx: Context) -> bool:
        pbds = self._pbds(ctx)
        missing = [name for uuid, name in self.srs.items() if uuid not in pbds or not pbds[uuid].currently_attached]
        ctx.notes.missing = f"Not connected: {listed(sorted(missing))}." if missing else ""
        return not missing

    def run(self, ctx: Context) -> None:
        """Plug what XAPI left unplugged; each SR says for itself why it cannot be."""
        pbds = self._pbds(ctx)
        refused: list[Finding] = []
        for uuid in self.srs:
            refused += self._plug(ctx, uuid, pbds.get(uuid))
            if ctx.doubt is not None:
                return
        if refused:
            names = listed(sorted(self.srs[finding.values["SR"]] for finding in refused))
            told = [self._named(finding) for finding in refused]
            raise Differs("XENWEB_STORAGE_NOT_PLUGGED", (self.host_name, names), told)

    def undo(self, ctx: Context) -> None:
        """A member keeps the pool's shared storage; XAPI would plug it again at its next start."""

    def may_repeat(self, ctx: Context) -> bool:
        """A second plug does no more than the first."""
        return True

    def _pbds(self, ctx: Context) -> dict[str, PBDRecord]:
        """The member's PBDs by the uuid of their SR."""
        snapshot = Snapshot.from_wire({name: ctx.pool().records(name) for name in CLASSES})
        host = member_of(snapshot, self.host_uuid)
        mine = (pbd for pbd in snapshot.pbds.values() if pbd.host == host.ref and pbd.SR in snapshot.srs)
        return {snapshot.srs[pbd.SR].uuid: pbd for pbd in mine}

    def _plug(self, ctx: Context, sr: str, pbd: PBDRecord | None) -> list[Finding]:
        if pbd is not None and pbd.currently_attached:
            return []
        if pbd is None:
            return [self._finding(sr, NO_PBD, (self.srs[sr],))]
        try:
            ctx.follow(ctx.pool(), ctx.pool().pbd_plug(pbd.ref))
        except XapiFailure as refusal:
            ctx.settle_doubt(Outcome.REFUSED)
            return [self._finding(sr, refusal.code, refusal.params)]
        return []

    def _finding(self, sr: str, code: str, params: Sequence[str]) -> Finding:
        return Finding(
            code=code, subject=self.host_uuid, severity=Severity.ERROR, params=tuple(params), values={"SR": sr}
        )

    def _named(self, finding: Finding) -> Finding:
        """Call the SR as people do."""
        name = self.srs[finding.values["SR"]]
        return Finding(
            code=finding.code,
            subject=finding.subject,
            params=finding.params,
            theirs=f"{name}: not connected",
            ours=f"{name}: connected",
        )
