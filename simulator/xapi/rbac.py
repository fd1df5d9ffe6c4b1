"""Who may call what: root may everything, others what their session lists."""

from simulator.schema import schema
from simulator.xapi.errors import XapiError
from simulator.xapi.registry import SessionRow


def check_permission(session: SessionRow | None, name: str, role: str) -> None:
    """RBAC_PERMISSION_DENIED names the permission and the roles that have it."""
    if session is None or session.is_local_superuser or session.local:
        return
    permission = name.lower()
    if permission not in session.permissions:
        roles = ", ".join(schema().role_sets.get(role, ())) or "none but local root"
        raise XapiError(
            "RBAC_PERMISSION_DENIED",
            permission,
            f"No permission in user session. (Roles with this permission: {roles})",
        )
