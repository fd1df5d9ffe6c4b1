"""What a request says of the task that it makes: the task above it, and keys for its other_config (context.ml)."""

from simulator.schema.types import NULL
from simulator.wire.framing import HttpRequest
from simulator.wire.handlers import cookies_of, query_of

OTHER_CONFIG = "x-http-other-config-"


def task_marks(request: HttpRequest) -> dict[str, object]:
    """Fields of the task's row; the name of a header comes in lower case, as http_svr.ml reads it."""
    found: dict[str, object] = {}
    config = {
        f"http:{name.removeprefix(OTHER_CONFIG)}": value
        for name, value in request.headers.items()
        if name.startswith(OTHER_CONFIG)
    }
    above = request.headers.get("subtask-of") or (query_of(request) | cookies_of(request)).get("subtask_of", NULL)
    if config:
        found["other_config"] = config
    if above.startswith("OpaqueRef:") and above != NULL:
        found["subtask_of"] = above
    return found
