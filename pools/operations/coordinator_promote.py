"""Put another server in charge of a pool whose coordinator is dead: rests on evidence, for the pool cannot be asked."""

from collections.abc import Sequence
from typing import Final

from pools import inventories
from pools.checks import coordinator_promote as checks
from pools.checks.facts import Facts, ServerFacts
from pools.checks.registry import Report
from pools.models import Operation
from pools.operations import asking_around
from pools.operations.host_forget import evidence_of
from pools.operations.host_remove import coordinator_of
from pools.operations.kind import Choices
from pools.operations.promoting.promotion import GatherMembers, PromoteMember, PromotionParams
from pools.operations.step import Step
from pools.xapi.records import HostRecord

STEPS: Final[Sequence[type[Step]]] = (PromoteMember, GatherMembers)


class CoordinatorPromote:
    """The kind of operation: its draft's coordinator is the dead one, ``next_coordinator`` takes over."""

    def facts(self, operation: Operation) -> Facts:
        """What the pool was when it was last read, and what every server says now."""
        dead = coordinator_of(operation.pool)
        snapshot = inventories.snapshot_of(dead.pool)
        evidence = asking_around.ask(dead, list(dead.pool.servers.exclude(pk=dead.pk).order_by("name_label")))
        said = ServerFacts(
            uuid=dead.uuid,
            name_label=dead.name_label,
            address=dead.address,
            snapshot=snapshot,
            evidence=evidence,
            rests_on=evidence.in_words(),
        )
        return Facts(coordinator=said, joining=())

    def check(self, facts: Facts, choices: Choices) -> Report:
        """Ask whether the coordinator is dead, and who can take over."""
        heir, stated = str(choices.chosen.get("next_coordinator") or ""), str(choices.chosen.get("stated_dead") or "")
        return checks.run(checks.Asked(facts, evidence_of(facts), heir, stated))

    def plan(self, facts: Facts, choices: Choices) -> Sequence[Step]:
        """Promote one, and let the others follow."""
        dead = facts.coordinator
        heir = facts.pool.host(str(choices.chosen["next_coordinator"])) or HostRecord(ref="")
        common: PromotionParams = {
            "host_uuid": heir.uuid,
            "host_name": heir.name_label,
            "host_address": heir.address,
            "dead_uuid": dead.uuid,
            "dead_name": dead.name_label,
            "username": choices.usernames.get(dead.uuid, "root"),
        }
        others = [host for host in facts.pool.hosts.values() if host.uuid not in {heir.uuid, dead.uuid}]
        said = evidence_of(facts)
        members = {host.uuid: host.name_label for host in others if said.says(host.uuid)}
        resting = sorted(host.uuid for host in others if not host.enabled)
        return (PromoteMember(**common), GatherMembers(members=members, resting=resting, **common))
