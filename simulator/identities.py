"""Random UUIDs. Every row takes two, and the system is asked for 256 at a time."""

import os
import uuid
from collections import deque

SIZE = 16
AT_A_TIME = 256
_spare: deque[bytes] = deque()
os.register_at_fork(after_in_child=_spare.clear)


def random_uuid() -> str:
    return str(uuid.UUID(bytes=_random(), version=4))


def _random() -> bytes:
    try:
        return _spare.popleft()
    except IndexError:
        block = os.urandom(SIZE * AT_A_TIME)
        _spare.extend(block[place : place + SIZE] for place in range(SIZE, len(block), SIZE))
        return block[:SIZE]
