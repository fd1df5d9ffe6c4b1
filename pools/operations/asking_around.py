"""Asks a silent server and every other member, at the same time, what they say now; no password is sent."""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from pools import connections
from pools.checks.evidence import ITSELF, Evidence, View
from pools.models import Server
from pools.xapi.endpoint import Endpoint
from pools.xapi.errors import XapiError, XapiFailure
from pools.xapi.gateway import open_session
from pools.xapi.probe import NOBODY
from pools.xapi.tls import fetch_certificate

AT_ONCE: Final = 16
STRANGER: Final = "with a certificate that nobody has confirmed"


def ask(silent: Server, members: Sequence[Server], *, reports: bool | None = None) -> Evidence:
    """Collect the evidence; addresses and pins are looked up first, for threads must not use the database."""
    own, *others = said_by_all((silent, *members))
    return Evidence(
        uuid=silent.uuid,
        name=silent.name_label,
        answer=own[0],
        silence=own[1],
        reports=reports,
        views=tuple(
            View(uuid=server.uuid, name=server.name_label, coordinator=said)
            for server, (said, _) in zip(members, others, strict=True)
        ),
    )


def views_of(members: Iterable[Server]) -> list[View]:
    """What each of them says."""
    asked = list(members)
    said = zip(asked, said_by_all(asked), strict=True)
    return [View(uuid=server.uuid, name=server.name_label, coordinator=word) for server, (word, _) in said]


def said_by_all(servers: Iterable[Server]) -> list[tuple[str, str]]:
    ways = [way_to(server) for server in servers]
    with ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="evidence") as threads:
        return list(threads.map(said_by, ways))


def names(view: View, coordinator: str) -> bool:
    """Whether a member follows the one at this address; of who is asked without a confirmed certificate only that."""
    return view.coordinator in {coordinator, STRANGER}


def way_to(server: Server) -> Endpoint | XapiError:
    try:
        return connections.endpoint_of(server)
    except XapiError as error:
        return error


def said_by(way: Endpoint | XapiError) -> tuple[str, str]:
    """Whom a server names as its coordinator, or with which code it does not answer.

    An error of XAPI's own is an answer, too: whoever gives it is alive. Who looks at a password coordinates.
    """
    if isinstance(way, XapiError):
        return "", way.code
    try:
        if not way.pin:
            fetch_certificate(way.address, way.port)
            return STRANGER, ""
        with open_session(way, NOBODY):
            return ITSELF, ""
    except XapiFailure as failure:
        if failure.code == "HOST_IS_SLAVE" and failure.params:
            return failure.params[0], ""
        return (ITSELF if failure.code == "SESSION_AUTHENTICATION_FAILED" else failure.code), ""
    except XapiError as error:
        return "", error.code
