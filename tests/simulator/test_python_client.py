"""The XenAPI package, as everybody uses it: logs in, reads, changes, watches."""

import ssl
import xmlrpc.client
from collections.abc import Iterator

import pytest
import XenAPI

from simulator.world.host import HostMachine


class Unverified(xmlrpc.client.SafeTransport):
    """Closes with its session; the certificate is not looked at."""

    def __init__(self) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        super().__init__(context=context)


@pytest.fixture
def session(host: HostMachine) -> Iterator[XenAPI.Session]:
    transport = Unverified()
    found = XenAPI.Session(f"https://{host.address}:{host.port}", transport=transport)
    found.xenapi.login_with_password(host.username, host.password, "1.0", "tests")
    yield found
    found.xenapi.session.logout()
    transport.close()


def test_it_reads_records_with_integers_as_text(session: XenAPI.Session, host: HostMachine) -> None:
    [(ref, pool)] = session.xenapi.pool.get_all_records().items()
    assert pool["master"] == host.ref
    assert pool["ha_host_failures_to_tolerate"] == "0"
    assert isinstance(pool["last_update_sync"], xmlrpc.client.DateTime)
    assert session.xenapi.pool.get_uuid(ref) == pool["uuid"]
    assert session.xenapi.session.get_this_host(session.handle) == host.ref


def test_its_own_idea_of_the_api_version_works(session: XenAPI.Session) -> None:
    assert session.API_version.startswith("2.")


def test_it_watches_events(session: XenAPI.Session) -> None:
    watch = getattr(session.xenapi.event, "from")
    first = watch(["*"], "", 0.0)
    assert first["valid_ref_counts"]["pool"] == 1
    network = session.xenapi.network.create({"name_label": "n", "other_config": {}})
    later = watch(["network"], first["token"], 5.0)
    assert [(event["operation"], event["ref"]) for event in later["events"]] == [("add", network)]


def test_it_follows_a_task(session: XenAPI.Session) -> None:
    network = session.xenapi.network.create({"name_label": "n", "other_config": {}})
    task = session.xenapi.Async.network.destroy(network)
    token = ""
    while session.xenapi.task.get_status(task) == "pending":
        token = getattr(session.xenapi.event, "from")([f"task/{task}"], token, 5.0)["token"]
    assert session.xenapi.task.get_result(task) == "<value></value>"


def test_a_failure_has_its_details(session: XenAPI.Session) -> None:
    with pytest.raises(XenAPI.Failure) as caught:
        session.xenapi.host.get_by_uuid("none")
    assert caught.value.details == ["UUID_INVALID", "host", "none"]


def test_the_list_of_methods_is_asked_for_without_a_session(session: XenAPI.Session) -> None:
    assert "pool.get_all_records" in session.system.listMethods()


def test_a_member_sends_it_to_the_coordinator(host: HostMachine, member: HostMachine) -> None:
    transport = Unverified()
    there = XenAPI.Session(f"https://{member.address}:{member.port}", transport=transport)
    with pytest.raises(XenAPI.Failure) as caught:
        there.xenapi.login_with_password(member.username, member.password)
    transport.close()
    assert caught.value.details == ["HOST_IS_SLAVE", host.address]
