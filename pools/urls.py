"""Every URL of the product; each has a line in tests/access_matrix.py."""

from django.urls import URLPattern, path

from pools.views import (
    approvals,
    audit,
    connect,
    estate,
    health,
    home,
    keeping,
    live,
    operations,
    people,
    pool_create,
    reference,
    teams,
)

urlpatterns: list[URLPattern] = [
    # Health
    path("healthz", health.live, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    # Home and looking things up
    path("", home.home, name="home"),
    path("errors/", reference.errors, name="errors"),
    path("errors/<str:code>/", reference.error, name="error"),
    path("lab/", reference.lab, name="lab"),
    path("components/", reference.components, name="components"),
    # Connect
    path("connect/", connect.begin, name="connect"),
    path("connect/lab/", connect.begin_with_lab, name="connect_lab"),
    path("connect/<uuid:batch>/", connect.batch, name="connect_batch"),
    path("connect/<uuid:batch>/trust/", connect.trust, name="connect_trust"),
    path("connect/<uuid:batch>/add/", connect.add, name="connect_add"),
    path("connect/<uuid:batch>/<int:pk>/again/", connect.try_again, name="connect_again"),
    path("connect/<uuid:batch>/<int:pk>/login/", connect.try_login, name="connect_login"),
    # Estate
    path("estate/", estate.estate, name="estate"),
    path("pools/<int:pk>/", estate.pool, name="pool"),
    path("pools/<int:pk>/refresh/", estate.refresh, name="pool_refresh"),
    path("pools/<int:pk>/login/", keeping.login, name="pool_login"),
    path("pools/<int:pk>/disconnect/", keeping.disconnect, name="pool_disconnect"),
    path("servers/<int:pk>/", estate.server, name="server"),
    path("servers/<int:pk>/certificate/", keeping.certificate, name="server_certificate"),
    # Create pool
    path("create-pool/", pool_create.begin, name="pool_create"),
    path("operations/<uuid:pk>/servers/", pool_create.servers, name="wizard_servers"),
    path("operations/<uuid:pk>/coordinator/", pool_create.coordinator, name="wizard_coordinator"),
    path("operations/<uuid:pk>/checks/", pool_create.checks, name="wizard_checks"),
    path("operations/<uuid:pk>/name/", pool_create.name, name="wizard_name"),
    path("operations/<uuid:pk>/plan/", pool_create.plan, name="wizard_plan"),
    path("operations/<uuid:pk>/discard/", pool_create.discard, name="operation_discard"),
    path("operations/<uuid:pk>/submit/", pool_create.submit, name="operation_submit"),
    path("operations/<uuid:pk>/xe/", pool_create.xe_script, name="operation_xe"),
    # Operations
    path("operations/", operations.history, name="operations"),
    path("operations/<uuid:pk>/", operations.operation, name="operation"),
    path("operations/<uuid:pk>/stream", live.stream, name="operation_stream"),
    path("operations/<uuid:pk>/buttons/", operations.buttons, name="operation_buttons"),
    path("operations/<uuid:pk>/journal/", operations.journal, name="operation_journal"),
    path("operations/<uuid:pk>/<slug:action>/", operations.act, name="operation_act"),
    path("operations/<uuid:pk>/steps/<int:seq>/<slug:action>/", operations.act_on_step, name="operation_step_act"),
    # People and teams
    path("people/", people.people_list, name="people"),
    path("people/add/", people.person_add, name="person_add"),
    path("people/<int:pk>/", people.person, name="person"),
    path("people/<int:pk>/disable/", people.person_disable, name="person_disable"),
    path("people/<int:pk>/enable/", people.person_enable, name="person_enable"),
    path("people/<int:pk>/password/", people.person_password, name="person_password"),
    path("people/<int:pk>/second-factor/remove/", people.person_factor_remove, name="person_factor_remove"),
    path("people/<int:pk>/role/", people.person_role, name="person_role"),
    path("roles/<int:pk>/take/", people.role_take, name="role_take"),
    path("teams/add/", teams.team_add, name="team_add"),
    path("teams/<int:pk>/", teams.team, name="team"),
    path("teams/<int:pk>/rename/", teams.team_rename, name="team_rename"),
    path("teams/<int:pk>/delete/", teams.team_delete, name="team_delete"),
    path("teams/<int:pk>/role/", teams.team_role, name="team_role"),
    path("teams/<int:pk>/members/add/", teams.team_member_add, name="team_member_add"),
    path("teams/<int:pk>/members/<int:person>/remove/", teams.team_member_remove, name="team_member_remove"),
    # Approvals and audit
    path("approvals/", approvals.approval_list, name="approvals"),
    path("approvals/<int:pk>/", approvals.approval, name="approval"),
    path("audit/", audit.audit, name="audit"),
    path("audit/export/", audit.audit_export, name="audit_export"),
]
