"""What is stored: people and rights, pools and servers, inventory, operations, audit."""

from pools.models.audit import AuditEntry, AuditHead
from pools.models.inventory import Inventory
from pools.models.operation import Approval, Operation, OperationState, ResourceLock
from pools.models.password import NewPassword
from pools.models.pool import Credential, Pool, Probe, ProbeState, Server
from pools.models.snapshot import NetworkSnapshot, NetworkSnapshotQuerySet, SnapshotReason
from pools.models.step import Attempt, JournalEntry, Step, StepState, WorkerPresence
from pools.models.team import Grant, Person, Role, Team, User

__all__ = [
    "Approval",
    "Attempt",
    "AuditEntry",
    "AuditHead",
    "Credential",
    "Grant",
    "Inventory",
    "JournalEntry",
    "NetworkSnapshot",
    "NetworkSnapshotQuerySet",
    "NewPassword",
    "Operation",
    "OperationState",
    "Person",
    "Pool",
    "Probe",
    "ProbeState",
    "ResourceLock",
    "Role",
    "Server",
    "SnapshotReason",
    "Step",
    "StepState",
    "Team",
    "User",
    "WorkerPresence",
]
