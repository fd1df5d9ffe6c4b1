"""What one error code means to a person."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Message:
    """A card is only whole with all of these; places.py has the buttons and tools that many name.

    Texts may name the error's params as ``{0}``, ``{1}`` … and a finding's values as ``{name}``.

    ``title`` says what happened, ``text`` the cause and what is still true, ``remedy`` what to do next, ``press`` where
    in xenweb, ``where`` in which other tool, ``command`` on which console with what, and ``note`` where the rule is in
    xapi's source. ``names`` calls the params of a code of ours; those of XAPI's stand in codes.py.
    """

    title: str
    text: str
    remedy: str
    where: str
    press: str
    command: str
    note: str = ""
    names: tuple[str, ...] = ()
