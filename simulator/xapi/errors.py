"""Failures that a caller sees as a XenAPI error: a code and strings.

XapiError            Status Failure, or the error of a failed task
└── EarlyError       raised before the dispatcher: JSON-RPC answers it in its odd shape
"""


class XapiError(Exception):
    """A XenAPI failure; `params` in the order of the catalogue."""

    def __init__(self, code: str, *params: str) -> None:
        super().__init__(code, *params)
        self.code = code
        self.params = tuple(str(item) for item in params)

    @property
    def description(self) -> list[str]:
        return [self.code, *self.params]


class EarlyError(XapiError):
    """Emergency mode, or a parameter that is no text: answered before the call is looked at."""


def failure(text: str) -> XapiError:
    """What xapi makes of OCaml's `failwith`."""
    return XapiError("INTERNAL_ERROR", f'Failure("{text}")')
