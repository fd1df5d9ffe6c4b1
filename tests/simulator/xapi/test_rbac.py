"""Subjects of a directory and the six roles: who gets in, and what he may do (protocol.md 2.4 and 8)."""

from collections.abc import Iterator

import pytest

from simulator.running import Simulation, running
from simulator.scenes.model import HostSpec, Scene, SubjectSpec
from simulator.world.directory import Person
from simulator.world.host import HostMachine
from simulator.xapi.access import roles
from tests.simulator.rpc import Rpc, XapiFailure

NAMES = ("pool-admin", "pool-operator", "vm-power-admin", "vm-admin", "vm-operator", "read-only")
PASSWORD = "correct horse"
PEOPLE = (*(SubjectSpec(name=role, password=PASSWORD, roles=(role,)) for role in NAMES),)
NOBODY = SubjectSpec(name="nobody", password=PASSWORD, roles=())


@pytest.fixture(scope="module")
def lab() -> Iterator[Simulation]:
    """The first server lets everybody in; the second knows only one of them."""
    hosts = (HostSpec(name="xs-01", subjects=(*PEOPLE, NOBODY)), HostSpec(name="xs-02", subjects=(NOBODY,)))
    with running(Scene(name="subjects", hosts=hosts)) as found:
        yield found


def as_(lab: Simulation, name: str, password: str = PASSWORD, place: int = 0) -> Rpc:
    host = lab.hosts[place]
    rpc = Rpc(host)
    rpc.__dict__["session"] = rpc.bare("session.login_with_password", name, password, "1", "tests")
    return rpc


def refusal(rpc: Rpc, method: str, *params: object) -> list[str]:
    with pytest.raises(XapiFailure) as caught:
        rpc.call(method, *params)
    return caught.value.description


def pool_of(host: HostMachine) -> str:
    return host.database.refs("pool")[0]


def test_a_subject_gets_a_session_with_the_permissions_of_his_roles(lab: Simulation) -> None:
    rpc = as_(lab, "vm-admin")
    row = rpc.record("session", rpc.session)
    assert (row["is_local_superuser"], row["auth_user_name"]) == (False, "vm-admin")
    assert row["auth_user_sid"] == Person("vm-admin", "").identifier
    assert "network.create" in str(row["rbac_permissions"])
    assert "pool.join" not in list(map(str, roles.permissions_of("vm-admin")))


def test_a_name_with_its_domain_is_the_same_name(lab: Simulation) -> None:
    assert as_(lab, "read-only@corp.example").call("pool.get_all")


@pytest.mark.parametrize(
    ("name", "password", "place", "code"),
    [
        ("pool-admin", "wrong", 0, "SESSION_AUTHENTICATION_FAILED"),
        ("stranger", PASSWORD, 0, "SESSION_AUTHENTICATION_FAILED"),
        ("pool-admin", PASSWORD, 1, "SESSION_AUTHORIZATION_FAILED"),
        ("nobody", PASSWORD, 0, "RBAC_PERMISSION_DENIED"),
    ],
)
def test_who_does_not_get_in(lab: Simulation, name: str, password: str, place: int, code: str) -> None:
    with pytest.raises(XapiFailure) as caught:
        as_(lab, name, password, place)
    given = caught.value.description
    assert given[:2] == [code, "session.login_with_password" if code == "RBAC_PERMISSION_DENIED" else name]


@pytest.mark.parametrize(
    ("method", "least"),
    [
        ("subject.create", "pool-admin"),
        ("pool.set_name_label", "pool-operator"),
        ("Bond.create", "pool-operator"),
        ("SR.scan", "vm-power-admin"),
        ("network.create", "vm-admin"),
        ("VM.add_tags", "vm-operator"),
        ("pool.get_all", "read-only"),
        ("host.get_vms_which_prevent_evacuation", "read-only"),
    ],
)
def test_each_role_may_what_it_and_the_lower_ones_may(method: str, least: str) -> None:
    able = [name for name in NAMES if method.lower() in roles.permissions_of(name)]
    assert able == list(NAMES[: NAMES.index(least) + 1])


def test_a_refusal_names_the_permission_and_the_roles_that_would_do(lab: Simulation) -> None:
    told = refusal(as_(lab, "vm-operator"), "pool.set_name_label", pool_of(lab.hosts[0]), "Mine")
    assert told == [
        "RBAC_PERMISSION_DENIED",
        "pool.set_name_label",
        "No permission in user session. (Roles with this permission: pool-admin, pool-operator)",
    ]


def test_some_keys_of_a_map_have_a_role_of_their_own(lab: Simulation) -> None:
    rpc, pool = as_(lab, "vm-operator"), pool_of(lab.hosts[0])
    rpc.call("pool.add_to_other_config", pool, "folder", "/north")
    rpc.call("pool.add_to_other_config", pool, "XenCenter.CustomFields.owner", "anna")
    assert refusal(rpc, "pool.add_to_other_config", pool, "auto_poweron", "true")[1] == "pool.add_to_other_config"
    vm = lab.hosts[0].database.refs("VM")[0]
    told = refusal(as_(lab, "vm-admin"), "VM.add_to_other_config", vm, "pci", "0/0000:00:00.0")
    assert told[1] == "vm.add_to_other_config/key:pci"


def test_getters_that_are_not_for_everybody(lab: Simulation) -> None:
    rpc, host = as_(lab, "read-only"), lab.hosts[0]
    assert rpc.call("host.get_name_label", host.ref) == "xs-01"
    assert refusal(rpc, "host.get_management_interface", host.ref)[0] == "RBAC_PERMISSION_DENIED"


def test_a_role_changes_with_the_next_login(lab: Simulation) -> None:
    before, root = as_(lab, "vm-operator"), Rpc(lab.hosts[0])
    subject = next(
        ref
        for ref, row in lab.hosts[0].database.records("subject").items()
        if row["subject_identifier"] == Person("vm-operator", "").identifier
    )
    root.call("subject.add_to_roles", subject, roles.ref_of("vm-admin"))
    assert refusal(before, "network.create", {"other_config": {}})[0] == "RBAC_PERMISSION_DENIED"
    assert as_(lab, "vm-operator").call("network.create", {"other_config": {}})
    assert refusal(root, "subject.add_to_roles", subject, roles.ref_of("vm-admin")) == ["ROLE_ALREADY_EXISTS"]
    root.call("subject.remove_from_roles", subject, roles.ref_of("vm-admin"))
    assert refusal(root, "subject.remove_from_roles", subject, roles.ref_of("vm-admin")) == ["ROLE_NOT_FOUND"]
    assert refusal(root, "subject.add_to_roles", subject, roles.ref_of("pool.get_all")) == ["ROLE_NOT_FOUND"]


def look_again(host: HostMachine, rpc: Rpc) -> None:
    """As if half an hour had gone by since a session was compared with the pool."""
    host.database.set("session", rpc.session, validation_time="20000101T00:00:00Z")


def test_a_session_lasts_as_long_as_its_subject(lab: Simulation) -> None:
    """Protocol.md 2.3: looked at every half an hour."""
    host, reader = lab.hosts[0], as_(lab, "read-only")
    look_again(host, reader)
    assert reader.call("pool.get_all")
    subject = host.database.field("session", reader.session, "subject")
    kept = host.database.get("subject", str(subject))
    Rpc(host).call("subject.destroy", subject)
    assert reader.call("pool.get_all"), "the next look is half an hour away"
    look_again(host, reader)
    assert refusal(reader, "pool.get_all") == ["SESSION_INVALID", reader.session]
    host.database.create("subject", ref=str(subject), **kept)


def test_a_session_of_a_directory_ends_with_it(lab: Simulation) -> None:
    host, reader = lab.hosts[0], as_(lab, "read-only")
    kind = host.database.field("host", host.ref, "external_auth_type")
    host.database.set("host", host.ref, external_auth_type="")
    look_again(host, reader)
    assert refusal(reader, "pool.get_all")[0] == "SESSION_INVALID"
    host.database.set("host", host.ref, external_auth_type=kind)


def test_a_subject_made_without_roles_is_a_pool_admin(lab: Simulation) -> None:
    root = Rpc(lab.hosts[1])
    identifier = root.call("auth.get_subject_identifier", "vm-operator")
    subject = root.call("subject.create", {"subject_identifier": identifier, "other_config": {}})
    assert root.call("subject.get_roles", subject) == ["OpaqueRef:0165f154-ba3e-034e-6b27-5d271af109ba"]
    assert "pool.eject" in str(root.call("subject.get_permissions_name_label", subject))
    again = {"subject_identifier": identifier, "other_config": {}}
    assert refusal(root, "subject.create", again) == ["SUBJECT_ALREADY_EXISTS"]
    root.call("subject.destroy", subject)


def test_roles_and_permissions_are_rows_that_know_each_other(lab: Simulation) -> None:
    root = Rpc(lab.hosts[0])
    found = root.call("role.get_by_name_label", "pool-operator")
    assert isinstance(found, list)
    operator = str(found[0])
    assert root.call("role.get_uuid", operator) == "b9ce9791-0604-50cd-0649-09b3284c7dfd"
    permissions = root.call("role.get_permissions", operator)
    assert isinstance(permissions, list)
    label = root.call("role.get_name_label", permissions[0])
    assert operator in str(root.call("role.get_by_permission_name_label", label))
    assert root.call("role.get_is_internal", roles.ref_of("client-cert")) is True
    assert refusal(root, "role.get_record", "OpaqueRef:none") == ["HANDLE_INVALID", "role", "OpaqueRef:none"]
    assert refusal(root, "role.get_by_uuid", "none") == ["UUID_INVALID", "role", "none"]


def test_the_directory_is_asked_only_where_it_is_switched_on(lab: Simulation) -> None:
    root = Rpc(lab.hosts[0])
    identifier = root.call("auth.get_subject_identifier", "read-only")
    told = root.call("auth.get_subject_information_from_identifier", identifier)
    assert isinstance(told, dict)
    assert told["subject-name"] == "read-only"
    assert root.call("auth.get_group_membership", identifier) == []
    assert refusal(root, "auth.get_subject_identifier", "stranger") == ["SUBJECT_CANNOT_BE_RESOLVED"]
    with running("two-standalone") as sim:
        assert refusal(Rpc(sim.hosts[0]), "auth.get_subject_identifier", "x") == ["AUTH_IS_DISABLED"]


def test_an_operator_ends_the_sessions_of_a_subject(lab: Simulation) -> None:
    reader, operator = as_(lab, "read-only"), as_(lab, "pool-operator")
    identifier = Person("read-only", "").identifier
    assert identifier in str(operator.call("session.get_all_subject_identifiers"))
    operator.call("session.logout_subject_identifier", identifier)
    assert refusal(reader, "pool.get_all")[0] == "SESSION_INVALID"
