"""What else is not as it was for a server that has joined (xapi_pool.ml, update_non_vm_metadata; xapi_host.ml)."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Change:
    """One thing that changes for this server, with both values where there are any."""

    what: str
    before: str = ""
    after: str = ""
