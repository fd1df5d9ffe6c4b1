"""The role of a server, as pool.conf spells it: "master", "slave:<address>", or "broken" half-way between both."""

MASTER, BROKEN = "master", "broken"
_SLAVE = "slave:"


def slave_of(address: str) -> str:
    return _SLAVE + address


def master_address(role: str) -> str:
    """Where the master of a slave is; "" of any other role."""
    return role.removeprefix(_SLAVE) if role.startswith(_SLAVE) else ""
