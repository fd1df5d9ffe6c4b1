"""What is offered on an operation's page when it has done its work."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Offer:
    """``done``: it was taken up already; what came of it is behind the link. ``posts``: a button begins something."""

    server: str
    title: str
    text: str
    label: str
    url: str
    icon: str = "arrow-right"
    done: bool = False
    posts: bool = False
