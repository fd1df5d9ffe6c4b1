"""Who may call what: root may everything, others what their session lists (rbac.ml)."""

from simulator.schema import schema
from simulator.xapi.errors import XapiError
from simulator.xapi.registry import SessionRow

GUARDED = ("add_to_", "remove_from_")


def check_permission(session: SessionRow | None, name: str, role: str) -> None:
    """RBAC_PERMISSION_DENIED names the permission and the roles that have it."""
    if session is None or session.is_local_superuser or session.local:
        return
    cls, _, rest = name.partition(".")
    message, slash, key = rest.partition("/")
    permission = f"{cls}.{message}".lower() + slash + key
    if permission not in session.permissions:
        roles = ", ".join(schema().role_sets.get(role, ())) or "none but local root"
        raise XapiError(
            "RBAC_PERMISSION_DENIED",
            permission,
            f"No permission in user session. (Roles with this permission: {roles})",
        )


def needed(name: str, role: str, arguments: list[object]) -> tuple[str, str]:
    """The permission of a call and its role; some keys of some maps have their own."""
    cls, _, message = name.partition(".")
    verb = next((verb for verb in GUARDED if message.startswith(verb)), "")
    keys = schema().map_key_roles.get(f"{cls}.{message.removeprefix(verb)}", {}) if verb else {}
    given = str(arguments[1]) if len(arguments) > 1 else ""
    for key, key_role in keys.items():
        if given == key or (key.endswith("*") and given.startswith(key[:-1])):
            return f"{name}/key:{key}", key_role
    return name, role
