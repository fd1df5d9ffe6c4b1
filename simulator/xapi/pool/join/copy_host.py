"""The joiner's own record in the pool (xapi_pool.ml: create_or_get_host_on_master; xapi_host.ml: create)."""

from simulator.xapi.errors import XapiError
from simulator.xapi.pool.join.rules_state import RESTRICTED_POOL_SIZE
from simulator.xapi.rows import Row, add, first, rows

COPIED = (
    "uuid",
    "name_label",
    "hostname",
    "address",
    "external_auth_type",
    "external_auth_service_name",
    "external_auth_configuration",
    "license_params",
    "license_server",
    "edition",
    "software_version",
    "API_version_major",
    "API_version_minor",
    "API_version_vendor",
    "chipset_info",
    "https_only",
    "last_software_update",
    "last_update_hash",
    "ssh_enabled",
    "ssh_enabled_timeout",
    "ssh_expiry",
    "console_idle_timeout",
    "ssh_auto_mode",
    "ntp_mode",
    "ntp_custom_servers",
    "timezone",
    "numa_affinity_policy",
    "tls_verification_enabled",
    "latest_synced_updates_applied",
    "secure_boot",
    "max_cstate",
    "other_config",
)


def host_on_master(joiner: Row, pool: Row) -> Row:
    """Reuse a record with the same UUID, or create one that is neither live nor enabled."""
    existing = first(pool.database, "host", uuid=joiner.uuid)
    if existing:
        return existing
    restricted = pool.mapping("restrictions").get("restrict_pool_size", "true") == "true"
    if restricted and len(list(rows(pool.database, "host"))) >= RESTRICTED_POOL_SIZE:
        raise XapiError("LICENCE_RESTRICTION", "Pool_size")
    copied = joiner.fields(*COPIED)
    with pool.database.locked():  # metrics that nobody names yet would be collected
        metrics = add(pool.database, "host_metrics", live=False)
        fields = {"name_description": "Default install", "enabled": False, "metrics": metrics.ref}
        return add(pool.database, "host", **fields, **copied)
