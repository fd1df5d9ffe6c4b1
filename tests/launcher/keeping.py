"""A small launcher of its own: ``python -m tests.launcher.keeping DIRECTORY SHELL-COMMAND`` keeps one part running."""

import sys
from pathlib import Path

from launcher.processes import Command
from launcher.supervisor import Part, StopRequestedError, Supervisor
from launcher.terminal import say


def main(directory: Path, shell: str) -> None:
    def command() -> Command:
        return Command(name="part", argv=("/bin/sh", "-c", shell), log=directory / "part.log", directory=directory)

    supervisor = Supervisor()
    supervisor.listen_to_signals()
    try:
        supervisor.start(Part(name="part", command=command, is_ready=(directory / "up").exists))
        say("ready")
        supervisor.watch()
    except StopRequestedError:
        say("stopped while starting")
    finally:
        supervisor.stop()
        say("stopped")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
