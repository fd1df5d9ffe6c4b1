"""Who may open what: the one table. tests/pools/test_access_matrix.py asks every URL of it.

Adding a page: write its URL in pools/urls.py, give its view one decorator of pools/access.py, and add ONE line here:

    Line("pool_rename", ADMINISTRATOR, "POST", of="pool"),

- the URL's name;
- who may: ANYBODY, SIGNED_IN, VIEWER, OPERATOR, ADMINISTRATOR, OWNER (on the object, or anywhere when there is none),
  ESTATE_ADMINISTRATOR, ESTATE_OWNER (on the whole estate), STAFF;
- the methods its view takes ("GET", "POST", "GET POST"); where GET and POST need different roles, write two lines;
- ``of``: the kind of object its URL names. The test makes one of ours, one of another team, a missing and a
  malformed one; kinds stand in tests/pools/world.py;
- ``key``: the URL's argument that names the object, when it is not ``pk``;  ``others``: the remaining arguments.

What is expected then follows by itself. Not signed in: led to the sign-in. Role too low: 403. Another team’s, missing,
malformed: 404. Another method: 405. Whoever may gets an answer (2xx, 3xx, 409, 422); ``answers`` names another one.
"""

from dataclasses import dataclass, field
from enum import Enum

from pools.models import Role


class Who(Enum):
    """Rules that are no role on an object."""

    ANYBODY = "anybody"
    SIGNED_IN = "signed in"
    STAFF = "staff"
    ESTATE_ADMINISTRATOR = "administrator of the estate"
    ESTATE_OWNER = "owner of the estate"


ANYBODY, SIGNED_IN, STAFF = Who.ANYBODY, Who.SIGNED_IN, Who.STAFF
ESTATE_ADMINISTRATOR, ESTATE_OWNER = Who.ESTATE_ADMINISTRATOR, Who.ESTATE_OWNER
VIEWER, OPERATOR, ADMINISTRATOR, OWNER = Role.VIEWER, Role.OPERATOR, Role.ADMINISTRATOR, Role.OWNER


@dataclass(frozen=True)
class Line:
    """One URL (or one URL's GET or POST) and who may use it."""

    name: str
    who: Who | Role
    methods: str = "GET"
    of: str = ""
    key: str = "pk"
    others: dict[str, str] = field(default_factory=dict)
    answers: frozenset[int] = frozenset()


MATRIX = [
    # Health
    Line("healthz", ANYBODY),
    Line("readyz", ANYBODY, answers=frozenset({200, 503})),
    # Home and looking things up
    Line("home", SIGNED_IN),
    Line("errors", SIGNED_IN),
    Line("error", SIGNED_IN, others={"code": "HOST_IS_SLAVE"}),
    Line("lab", VIEWER, answers=frozenset({404})),  # the tests have no practice lab
    Line("components", STAFF),
    # Connect
    Line("connect", ESTATE_ADMINISTRATOR, "GET POST"),
    Line("connect_lab", ESTATE_ADMINISTRATOR, "POST", answers=frozenset({404})),  # the tests have no practice lab
    Line("connect_batch", ESTATE_ADMINISTRATOR, of="batch", key="batch"),
    Line("connect_trust", ESTATE_ADMINISTRATOR, "POST", of="batch", key="batch"),
    Line("connect_add", ESTATE_ADMINISTRATOR, "POST", of="batch", key="batch"),
    Line("connect_again", ESTATE_ADMINISTRATOR, "POST", of="probe", others={"batch": "own"}),
    Line("connect_login", ESTATE_ADMINISTRATOR, "POST", of="probe", others={"batch": "own"}),
    # Estate
    Line("estate", VIEWER),
    Line("pool", VIEWER, of="pool"),
    Line("pool_refresh", VIEWER, "POST", of="pool"),
    Line("pool_login", ADMINISTRATOR, "GET POST", of="pool"),
    Line("pool_disconnect", ADMINISTRATOR, "GET POST", of="pool"),
    Line("server", VIEWER, of="server"),
    Line("server_certificate", ADMINISTRATOR, "GET POST", of="server"),
    # Network snapshots
    Line("pool_network", VIEWER, of="pool"),
    Line("pool_network_csv", VIEWER, of="pool"),
    Line("pool_snapshots", VIEWER, of="pool"),
    Line("pool_snapshots", OPERATOR, "POST", of="pool"),
    Line("server_snapshots", VIEWER, of="server"),
    Line("server_snapshots", OPERATOR, "POST", of="server"),
    Line("snapshot_compare", VIEWER),
    Line("snapshot", VIEWER, of="snapshot"),
    Line("snapshot_runbook", VIEWER, of="snapshot"),
    Line("snapshot_json", VIEWER, of="snapshot"),
    Line("snapshot_xe", VIEWER, of="snapshot"),
    # Wizards: create a pool, add servers to one, remove servers from one
    Line("pool_create", OPERATOR, "GET POST"),
    Line("host_add_pool", OPERATOR),
    Line("host_add", OPERATOR, "GET POST", of="pool"),
    Line("host_remove", OPERATOR, "GET POST", of="pool"),
    Line("host_remove_server", OPERATOR, others={"server": "nobodys"}, answers=frozenset({404})),
    Line("wizard_leaving", OPERATOR, "GET POST", of="operation", answers=frozenset({404})),  # another wizard's
    Line("wizard_losses", OPERATOR, "GET POST", of="operation", answers=frozenset({404})),
    Line("wizard_return", OPERATOR, "GET POST", of="operation", answers=frozenset({404})),
    Line("wizard_servers", OPERATOR, "GET POST", of="operation"),
    Line("wizard_coordinator", OPERATOR, "GET POST", of="operation"),
    Line("wizard_checks", OPERATOR, "GET POST", of="operation"),
    Line("wizard_checks_csv", OPERATOR, of="operation"),
    Line("wizard_ha", OPERATOR, "POST", of="operation"),
    Line("wizard_network", OPERATOR, "GET POST", of="operation"),
    Line("wizard_name", OPERATOR, "GET POST", of="operation"),
    Line("wizard_force", OPERATOR, "GET POST", of="operation", others={"server": "nobodys"}, answers=frozenset({404})),
    Line("server_let_go", ADMINISTRATOR, "POST", of="server"),
    Line("server_address", OPERATOR, "GET POST", others={"server": "nobodys"}, answers=frozenset({404})),
    Line("password_change", ADMINISTRATOR, "GET POST", of="server"),
    Line("wizard_password", ADMINISTRATOR, "GET POST", of="operation", answers=frozenset({404})),
    Line("silence", OPERATOR, "POST", of="server"),
    Line("wizard_silence", OPERATOR, "GET POST", of="operation", answers=frozenset({404})),
    Line("network_rebuild", OPERATOR, "GET POST", of="snapshot", answers=frozenset({404})),  # it is not complete
    Line("wizard_rebuild", OPERATOR, "GET POST", of="operation", answers=frozenset({404})),
    Line("pool_cleanup", OPERATOR, "POST", of="pool"),
    Line("wizard_cleanup", OPERATOR, "GET POST", of="operation", answers=frozenset({404})),
    Line("secret_rotate", OPERATOR, "GET POST", of="pool"),
    Line("wizard_secret", OPERATOR, "GET POST", of="operation", answers=frozenset({404})),
    Line("wizard_fix", OPERATOR, "GET POST", of="operation", answers=frozenset({404})),  # a wizard is no fix
    Line("fix_return", VIEWER, of="operation"),
    Line("fix", OPERATOR, "GET POST", of="operation", others={"fix": "vms", "server": "no"}, answers=frozenset({404})),
    Line("wizard_plan", OPERATOR, "GET POST", of="operation"),
    Line("plan_watch", VIEWER, of="operation"),
    Line("operation_discard", OPERATOR, "POST", of="operation"),
    Line("operation_submit", OPERATOR, "POST", of="operation"),
    Line("operation_xe", VIEWER, of="operation"),
    # Operations
    Line("drafts", SIGNED_IN, "GET POST"),
    Line("operations", SIGNED_IN),
    Line("operation", VIEWER, of="operation"),
    Line("operation_stream", VIEWER, of="operation"),
    Line("operation_buttons", VIEWER, of="operation"),
    Line("operation_journal", VIEWER, of="operation"),
    Line("operation_act", ADMINISTRATOR, "POST", of="operation", others={"action": "stop"}),
    Line("operation_step_act", ADMINISTRATOR, "POST", of="operation", others={"seq": "1", "action": "retry"}),
    # People and teams
    Line("people", ESTATE_OWNER),
    Line("person_add", ESTATE_OWNER, "GET POST"),
    Line("person", ESTATE_OWNER, of="person"),
    Line("person_disable", ESTATE_OWNER, "POST", of="person"),
    Line("person_enable", ESTATE_OWNER, "POST", of="person"),
    Line("person_password", ESTATE_OWNER, "POST", of="person"),
    Line("person_factor_remove", ESTATE_OWNER, "POST", of="person"),
    Line("person_role", ESTATE_OWNER, "POST", of="person"),
    Line("role_take", ESTATE_OWNER, "POST", of="grant"),
    Line("team_add", ESTATE_OWNER, "GET POST"),
    Line("team", ESTATE_OWNER, of="team"),
    Line("team_rename", ESTATE_OWNER, "POST", of="team"),
    Line("team_delete", ESTATE_OWNER, "POST", of="team"),
    Line("team_role", ESTATE_OWNER, "POST", of="team"),
    Line("team_member_add", ESTATE_OWNER, "POST", of="team"),
    Line("team_member_remove", ESTATE_OWNER, "POST", of="member", key="person", others={"pk": "own"}),
    # Approvals and audit
    Line("approvals", SIGNED_IN),
    Line("approval", VIEWER, "GET", of="approval"),
    Line("approval", ADMINISTRATOR, "POST", of="approval"),
    Line("audit", SIGNED_IN),
    Line("audit_export", SIGNED_IN),
    # Account
    Line("mfa_totp_qr", SIGNED_IN, answers=frozenset({404})),  # nothing is being set up
]

ALLAUTH = {
    "account_login": ANYBODY,
    "account_logout": SIGNED_IN,
    "account_inactive": ANYBODY,
    "account_change_password": SIGNED_IN,
    "account_reauthenticate": SIGNED_IN,
    "mfa_index": SIGNED_IN,
    "mfa_authenticate": ANYBODY,  # the second half of the sign-in; without the first half it leads to the sign-in
    "mfa_reauthenticate": SIGNED_IN,
    "mfa_activate_totp": SIGNED_IN,
    "mfa_deactivate_totp": SIGNED_IN,
    "mfa_view_recovery_codes": SIGNED_IN,
    "mfa_generate_recovery_codes": SIGNED_IN,
    "mfa_download_recovery_codes": SIGNED_IN,
    "usersessions_list": SIGNED_IN,
}
"""Sign-in pages that allauth brings: they carry no decorator of ours, so each is named here."""
