"""The state file: private JSON, whole or not there at all; what cannot be used is set aside.

StateError             the file cannot be used
├── StateRefusedError  it is another lab's: left alone, and nothing starts
└── StateBrokenError   damaged, of another format, or of the scene as it once was: set aside
"""

import json
import logging
import os
from pathlib import Path

from simulator.scenes.model import Scene
from simulator.scenes.validate import SceneError, build
from simulator.world.state import fingerprint
from simulator.world.state_model import FORMAT, SavedWorld

log = logging.getLogger(__name__)


class StateError(ValueError):
    pass


class StateRefusedError(StateError):
    pass


class StateBrokenError(StateError):
    pass


def read(path: Path, scene: Scene) -> SavedWorld | None:
    """What the last lab of this scene left; None where there was none."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (ValueError, RecursionError):
        raise StateBrokenError("it is no JSON") from None
    if not isinstance(data, dict) or not isinstance(data.get("scene"), str):
        raise StateBrokenError("it names no scene")
    if data["scene"] != scene.name:
        raise StateRefusedError(
            f"{path} holds the scene {data['scene']!r}, not {scene.name!r}: name another file, or remove it"
        )
    if data.get("format") != FORMAT:
        raise StateBrokenError("another version of the simulator wrote it")
    if data.get("fingerprint") != fingerprint(scene):
        raise StateBrokenError("the scene has changed since")
    return _built(data)


def _built(data: dict[str, object]) -> SavedWorld:
    """The reason names no value, since some are passwords."""
    try:
        return build(SavedWorld, data, file="state", path="state")
    except (SceneError, RecursionError):
        raise StateBrokenError("something in it is missing or makes no sense") from None


def write(path: Path, world: SavedWorld) -> None:
    """By way of a second file: a reader sees the old state or the new one, even after a power cut."""
    made = path.with_name(f"{path.name}.new")
    made.unlink(missing_ok=True)
    with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as handle:
        json.dump(world, handle, default=vars, separators=(",", ":"))
        handle.flush()
        os.fsync(handle.fileno())
    made.replace(path)


def set_aside(path: Path, reason: StateBrokenError) -> None:
    kept = path.with_name(f"{path.name}.broken")
    path.replace(kept)
    log.warning("simulator: %s cannot be used (%s); it is now %s, and the scene starts afresh", path, reason, kept)
