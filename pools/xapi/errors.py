"""What can go wrong between xenweb and a server.

XapiError                  code and params; params are always safe to show
├── XapiUnreachable        no usable answer; ``sent`` tells whether the outcome of a call is unknown
├── CertificateChanged     not the pinned certificate; nothing was sent
├── AddressRefused         the address gate says no; nothing was sent
├── AlreadyKnown           the pool or server is connected already
├── LoginMissing           no stored login that can be used
└── XapiFailure            XAPI's own code and params
"""

import re
from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

MASK = "•••"
SHORTEST_MASKED_INSIDE = 4
LONGEST_PARAM = 500
MOST_PARAMS = 20
CODE = re.compile(r"[A-Za-z][A-Za-z0-9_.]{0,99}")


class XapiError(Exception):
    """Any failure of the gateway."""

    def __init__(self, code: str, params: Iterable[str] = ()) -> None:
        self.code = code
        self.params = tuple(params)
        super().__init__(code, self.params)

    def __str__(self) -> str:
        return f"{self.code}({', '.join(self.params)})"


class XapiUnreachable(XapiError):
    """No usable answer. ``sent``: bytes of the request had left, so a change may or may not have happened."""

    def __init__(self, code: str, params: Iterable[str] = (), *, sent: bool = False) -> None:
        super().__init__(code, params)
        self.sent = sent


class CertificateChanged(XapiError):
    """The server shows another certificate than the pinned one; raised before the first byte."""


class AddressRefused(XapiError):
    """The address gate refused an address."""


class AlreadyKnown(XapiError):
    """The pool or server is connected already; nothing was taken over."""


class LoginMissing(XapiError):
    """There is no stored login for this pool, or it cannot be decrypted."""


class XapiFailure(XapiError):
    """XAPI refused or failed a call, and said why."""


class OddReplyError(ValueError):
    """A reply of a shape that XAPI does not give; the gateway makes XENWEB_NOT_XAPI of it."""


def failure(description: Sequence[object], secrets: Iterable[str] = ()) -> XapiFailure:
    """Make XAPI's ``ErrorDescription`` safe to show and store: known secrets masked, sizes capped."""
    texts = masked((str(item) for item in description[: MOST_PARAMS + 1]), secrets)
    cut = [text[:LONGEST_PARAM].replace("\x00", "") for text in texts]
    code = cut[0] if cut and CODE.fullmatch(cut[0]) else "INTERNAL_ERROR"
    return XapiFailure(code, cut[1:])


def masked(texts: Iterable[str], secrets: Iterable[str]) -> tuple[str, ...]:
    """Take secrets out of texts that XAPI echoes."""
    known = [secret for secret in secrets if secret]
    return tuple(_mask(text, known) for text in texts)


def _mask(text: str, secrets: Iterable[str]) -> str:
    for secret in secrets:
        if text == secret:
            return MASK
        if len(secret) >= SHORTEST_MASKED_INSIDE:
            text = text.replace(secret, MASK)
    return text


def without_frames(function: Callable[P, R]) -> Callable[P, R]:
    """Errors leave without the frames below, whose locals hold passwords and session references."""

    @wraps(function)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except XapiError as error:
            caught = error
        caught.__cause__ = caught.__context__ = None
        raise caught.with_traceback(None)

    return guarded
