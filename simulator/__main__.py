"""python -m simulator --scene two-standalone: serve a practice lab until told to end."""

import argparse
import json
import signal
import sys
import threading
from pathlib import Path

from simulator.running import running
from simulator.scenes.loader import load, names
from simulator.scenes.validate import SceneError
from simulator.world.state_file import StateRefusedError
from simulator.world.timing import PROFILES


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="simulator", description="A practice lab of XenServer hosts.")
    parser.add_argument("--scene", default="practice-lab", help=f"a file, or one of {', '.join(names())}")
    parser.add_argument("--port", type=int, default=0, help="the port of every host; a free one by default")
    parser.add_argument("--profile", choices=sorted(PROFILES), default="fast", help="how fast the lab is")
    parser.add_argument("--address-base", metavar="127.x.y", help="the first three numbers of all addresses")
    parser.add_argument("--certificates", type=Path, help="keep the hosts' certificates in this folder")
    parser.add_argument("--state", type=Path, metavar="FILE", help="keep the world here, and go on from it")
    parser.add_argument("--list-scenes", action="store_true", help="print the scenes that there are, and end")
    return parser


def listed() -> str:
    """A line for each scene: its name, and what it holds."""
    column = max(len(name) for name in names())
    return "".join(f"{name:{column}}  {load(name).description}\n" for name in names())


def end_soon(event: threading.Event) -> None:
    """From a thread: a signal may arrive while this one holds the event's lock."""
    threading.Thread(target=event.set).start()


def main() -> int:
    options = arguments().parse_args()
    if options.list_scenes:
        sys.stdout.write(listed())
        return 0
    places = {name: getattr(options, name) for name in ("port", "address_base", "certificates", "state")}
    try:
        with running(options.scene, options.profile, **places) as simulation:
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: end_soon(simulation.control.asked_to_end))
            sys.stdout.write(json.dumps(simulation.as_line()) + "\n")
            sys.stdout.flush()
            simulation.control.asked_to_end.wait()
    except (SceneError, StateRefusedError, OSError) as error:
        sys.stderr.write(f"simulator: {error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
