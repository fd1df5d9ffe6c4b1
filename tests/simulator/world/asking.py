"""The control API as a stranger's test uses it: plain HTTP and JSON."""

import http.client
import json
from contextlib import closing

from simulator.running import Simulation

Said = dict[str, object]


def ask(sim: Simulation, verb: str, path: str, body: object = None, **headers: str) -> tuple[int, Said]:
    """Status and answer."""
    connection = http.client.HTTPConnection("127.0.0.1", sim.control.port, timeout=10)
    with closing(connection):
        connection.request(verb, path, json.dumps(body) if body is not None else None, headers)
        response = connection.getresponse()
        return response.status, json.loads(response.read())


def done(sim: Simulation, verb: str, path: str, body: object = None) -> Said:
    """The answer to what must succeed."""
    status, said = ask(sim, verb, path, body)
    assert status == 200, said
    return said


def listed(said: Said, name: str) -> list[Said]:
    found = said[name]
    assert isinstance(found, list)
    return found
