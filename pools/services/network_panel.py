"""One cell of the network matrix, explained: both values, since when, where it comes from, and what mends it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pools.diagnosis.restart import Did, Start, next_start
from pools.models import NetworkSnapshot
from pools.services.network_history import Since, since
from pools.services.network_matrix import Cell, Mark, Matrix
from pools.xapi.inventory import Snapshot
from pools.xapi.messages import explain
from pools.xapi.records import HostRecord, NetworkRecord


@dataclass(frozen=True, kw_only=True)
class Panel:
    """``network`` is empty where the server as a whole was chosen; ``ours`` is the reference's cell."""

    host: HostRecord
    network: NetworkRecord | None
    cell: Cell | None
    ours: Cell | None
    marks: Sequence[Mark]
    causes: Sequence[Mark]
    start: Sequence[str]
    since: Since | None


def panel_of(matrix: Matrix, host: HostRecord, network: str, rows: Iterator[NetworkSnapshot]) -> Panel:
    """Explain one server, on one network or on all."""
    pool = matrix.pool
    record = next((each for each in pool.networks.values() if each.uuid == network), None)
    marks = [
        Mark(mismatch=each)
        for each in matrix.mismatches
        if each.host == host.uuid and (record is None or each.network == network)
    ]
    by_key = {each.key: each for each in matrix.mismatches}
    keys = dict.fromkeys(mark.mismatch.because for mark in marks if mark.mismatch.because in by_key)
    side = matrix.topology.sides[host.ref]
    return Panel(
        host=host,
        network=record,
        cell=cell_of(matrix, host.uuid, network),
        ours=cell_of(matrix, matrix.ours.host.uuid, network),
        marks=marks,
        causes=[Mark(mismatch=by_key[key]) for key in keys],
        start=list(told(pool, next_start(matrix.topology, side))),
        since=since(rows, pool, host.uuid, network) if record else None,
    )


def cell_of(matrix: Matrix, host: str, network: str) -> Cell | None:
    """The cell that the table would show, also where a filter hides its row."""
    host_record = matrix.pool.host(host)
    column = next((each for each in matrix.columns if each.uuid == network), None)
    return matrix.cell(matrix.topology.sides[host_record.ref], column) if host_record and column else None


def told(pool: Snapshot, start: Start) -> Iterator[str]:
    """Say what the next toolstack start changes on the server by itself."""
    for bond in start.bonds:
        if bond.did is Did.MADE:
            yield f"makes the bond {bond.name} of {bond.members}"
        elif bond.did is Did.REMADE:
            yield f"takes the bond {bond.name} apart and makes it of {bond.members}"
        elif bond.did is Did.DESTROYED:
            yield f"takes the bond {bond.name} apart, and cannot make it again: {explain(bond.refusal).title}"
        elif bond.did is Did.FAILED:
            yield f"tries to make the bond {bond.name}, and cannot: {explain(bond.refusal).title}"
    for what, old, new in start.moved:
        yield f"moves {what} from {old} to {new}"
    for name in start.vlans:
        yield f"makes the VLAN {name}, unplugged"
