"""The control API's way to a console."""

from simulator.console.terminal import ADDRESS
from simulator.world.control_routes import Ask, route


@route("POST", "/hosts/{host}/console")
def open_console(ask: Ask) -> object:
    """Open the server's console, and say where it is; again and again the same."""
    return {"address": ADDRESS, "port": ask.world.consoles.port(ask.machine)}
