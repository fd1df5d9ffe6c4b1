"""The checks of Pool.join in xapi's order; the first that fails is the only one a client hears of."""

from simulator.xapi.pool.join import rules_network as network
from simulator.xapi.pool.join import rules_software as software
from simulator.xapi.pool.join import rules_state as state
from simulator.xapi.pool.join import rules_trust as trust
from simulator.xapi.pool.join.view import Joining, Rule
from simulator.xapi.versions import version_of

# xapi_pool.ml: pre_join_checks, row by row.
ORDERED: tuple[Rule, ...] = (
    state.pool_size_unrestricted,
    state.management_interface_exists,
    state.joiner_has_no_ha,
    state.joiner_is_not_clustered,
    state.one_ip_on_cluster_network,
    state.pool_has_no_ha,
    state.not_joining_itself,
    state.joiner_knows_no_other_hosts,
    state.joiner_runs_no_vm,
    state.joiner_has_no_busy_vm,
    state.no_pending_guidance,
    software.platforms_are_the_same,
    software.hosts_are_homogeneous,
    network.joiner_has_no_shared_sr,
    network.joiner_has_no_bond,
    network.joiner_has_no_tunnel,
    network.joiner_has_no_sriov,
    network.joiner_has_only_a_management_vlan,
    network.management_vlans_are_the_same,
    software.external_auth_matches,
    software.editions_match,
    network.network_backends_are_the_same,
    software.api_versions_are_the_same,
    software.db_schemas_are_the_same,
    software.updates_are_the_same,
    network.address_types_are_the_same,
    network.network_purposes_are_compatible,
    trust.tls_verification_matches,
    trust.named_certificates_agree,
    trust.nameless_certificates_agree,
    state.joiner_is_not_updating,
    state.pool_is_not_updating,
    trust.storage_managers_are_compatible,
)
# The release of the joiner's toolstack that brought a check; the others are as old as 1.249 (pool.md 1.5).
SINCE: dict[Rule, tuple[int, ...]] = {
    state.one_ip_on_cluster_network: (25, 18),
    state.no_pending_guidance: (24, 31),
    trust.tls_verification_matches: (1, 297),
    trust.named_certificates_agree: (1, 297),
    trust.nameless_certificates_agree: (26, 13),
    state.joiner_is_not_updating: (22, 20),
    state.pool_is_not_updating: (22, 20),
    trust.storage_managers_are_compatible: (24, 37),
}
SKIPPED_BY_FORCE: frozenset[Rule] = frozenset({software.hosts_are_homogeneous})


def run(joining: Joining, *, force: bool) -> None:
    release = version_of(joining.joiner.software)
    for rule in ORDERED:
        known = release >= SINCE.get(rule, ())
        if known and not (force and rule in SKIPPED_BY_FORCE):
            rule(joining)
