"""Ends the XAPI session of an earlier owner: its next call fails, so what it meant to send can no longer happen."""

from pools import connections
from pools.models import Attempt, Server
from pools.operations import attempts
from pools.xapi.errors import XapiError
from pools.xapi.gateway import logout

GONE = frozenset({"SESSION_INVALID", "HOST_IS_SLAVE"})


def fence_off(attempt: Attempt) -> bool:
    """Whether the attempt's session is proved to be over; false when its server does not answer."""
    server = Server.objects.filter(uuid=attempt.server_uuid).first()
    if not attempt.session or server is None:
        return server is not None
    try:
        logout(connections.endpoint_of(server), attempts.session_of(attempt))
    except XapiError as error:
        return error.code in GONE
    return True
