"""What one error code means to a person."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Message:
    """Texts may name the error's params as ``{0}``, ``{1}`` … and a finding's values as ``{name}``.

    ``title`` says what happened, ``text`` the cause and what is still true, ``remedy`` what to do next,
    ``where`` in which tool it is done.
    """

    title: str
    text: str
    remedy: str
    where: str = ""
