"""Calls to one server: JSON-RPC over one kept connection for reading, the XenAPI package for what changes."""

import re
import xmlrpc.client
from collections.abc import Callable, Sequence
from contextlib import suppress

import XenAPI

from pools.xapi.calls.caller import Param, plain, shown, texts_of
from pools.xapi.endpoint import Endpoint, Secret
from pools.xapi.errors import MASK, XapiError, XapiFailure, XapiUnreachable, failure, masked, without_frames
from pools.xapi.limits import Deadline, Limits
from pools.xapi.replies import JSON, XML, Codec, ErrorDescription
from pools.xapi.transport import OK, OneShot, PinnedConnection, Reply

API_VERSION = "2.21"
ORIGINATOR = "xenweb"
LONGEST_REF = 200
NOT_LOGGED_IN = 401
UNSENDABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class Channel:
    """Not for two threads at once. What it has seen of secrets never leaves in an error."""

    def __init__(self, endpoint: Endpoint, limits: Limits) -> None:
        self.endpoint = endpoint
        self.limits = limits
        self.session_ref = ""
        self._secrets: set[str] = set()
        self._connection = PinnedConnection(endpoint, limits)
        self._codec: Codec = JSON
        self._spoken = False
        self._logout = "session.logout"

    def __repr__(self) -> str:
        return f"<channel to {self.endpoint.netloc}>"

    def hide(self, secret: str) -> None:
        """Mask this text in whatever the server echoes."""
        self._secrets.add(str.__str__(secret))

    def masked(self, items: Sequence[str]) -> tuple[str, ...]:
        return masked(items, self._secrets)

    @without_frames
    def login(self, username: str, password: Secret) -> None:
        """Open a session with our name as its originator, so that XAPI's limits count it as ours."""
        self.hide(password)
        params = (username, password, API_VERSION, ORIGINATOR)
        self._take(self.call("session.login_with_password", *params, seconds=self.limits.login))

    @without_frames
    def login_locally(self, username: str, password: Secret) -> None:
        """Open a session of this member alone, which its coordinator knows nothing of."""
        self.hide(password)
        self._logout = "session.local_logout"
        self._take(self.call("session.slave_local_login_with_password", username, password, seconds=self.limits.login))

    def _take(self, ref: object) -> None:
        if not isinstance(ref, str) or not 0 < len(ref) <= LONGEST_REF:
            raise self.not_xapi()
        self.session_ref = ref
        self.hide(ref)

    @without_frames
    def read(self, method: str, *params: object, seconds: float | None = None) -> object:
        """Call a reading message of this session."""
        return self.call(method, self.session_ref, *params, seconds=seconds or self.limits.read)

    def call(self, method: str, *params: object, seconds: float) -> object:
        """Call over the kept connection; the first reply shows whether the server speaks JSON-RPC."""
        deadline = Deadline(seconds)
        reply = self._post(method, params, deadline)
        if not self._spoken and not speaks_json(reply):
            self._codec = XML
            reply = self._post(method, params, deadline)
        self._spoken = True
        if problem := self._connection.refused(reply):
            raise problem
        return self._decoded(reply)

    def _post(self, method: str, params: Sequence[object], deadline: Deadline) -> Reply:
        body = self._codec.encode(method, params)
        return self._connection.post(self._codec.path, self._codec.content_type, body, deadline)

    def _decoded(self, reply: Reply) -> object:
        description: Sequence[object] = ()
        try:
            return self._codec.decode(reply.body, self.limits.depth)
        except ErrorDescription as error:
            description = error.items
        except (ValueError, RecursionError):
            self._connection.close()
        if description:
            raise failure(description, self._secrets)
        raise self.not_xapi()

    def not_xapi(self) -> XapiUnreachable:
        """What answered is not XAPI, or not in its right mind."""
        return self._connection.trouble("XENWEB_NOT_XAPI")

    @without_frames
    def write(
        self, method: str, params: Sequence[Param], seconds: float, before: Callable[[tuple[str, ...]], None]
    ) -> object:
        """Send one changing call, at most once, on a connection of its own.

        ``before`` runs when the server has been reached and its certificate compared; what it raises prevents the call.
        """
        told = tuple(shown(param, MASK) for param in params)
        if not all(sendable(text) for param in params for text in texts_of(param)):
            raise XapiFailure("INVALID_VALUE", (method, "a control character"))
        for param in params:
            if isinstance(param, Secret):
                self.hide(param)
        transport = OneShot(self.endpoint, seconds, self.limits)
        transport.open()
        try:
            before(told)
            return self._submit(transport, method, params)
        finally:
            transport.close()

    def _submit(self, transport: OneShot, method: str, params: Sequence[Param]) -> object:
        """The package's own login stays unused: with it a dead session would be renewed and the call sent again."""
        session = XenAPI.Session(f"https://{self.endpoint.netloc}", transport=transport)
        session._session = self.session_ref  # noqa: SLF001 - the package has no other way to hand a session over
        error: XapiError
        try:
            return session.xenapi_request(method, tuple(map(plain, params)))
        except XenAPI.Failure as refusal:
            error = failure(refusal.details, self._secrets)
        except xmlrpc.client.Fault as fault:
            lost = fault.faultCode == NOT_LOGGED_IN
            error = XapiFailure("SESSION_INVALID", (MASK,)) if lost else self._odd_reply()
        except TypeError:
            error = self._odd_reply()
        raise error

    def _odd_reply(self) -> XapiUnreachable:
        return XapiUnreachable("XENWEB_NOT_XAPI", (self.endpoint.netloc,), sent=True)

    def close(self) -> None:
        """End the session, quickly and as well as it goes, and the connection."""
        if self.session_ref:
            with suppress(XapiError):  # XAPI ends idle sessions by itself
                self.call(self._logout, self.session_ref, seconds=self.limits.logout)
        self._connection.close()


def speaks_json(reply: Reply) -> bool:
    """A server without JSON-RPC takes the call for XML-RPC and answers with an error page (protocol.md §1.2)."""
    return reply.status == OK and reply.content_type == JSON.content_type


def sendable(text: str) -> bool:
    """Whether XML 1.0 can carry the text."""
    return not UNSENDABLE.search(text)
