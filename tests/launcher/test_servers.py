import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from launcher import postgres as postgres_module
from launcher import servers
from launcher.environment import ROOT
from launcher.leftovers import read_pid
from launcher.postgres import Postgres
from launcher.privileges import FALLBACK_USER, Identity
from launcher.sockets import remove_sockets_elsewhere
from launcher.terminal import CannotStartError
from launcher.valkey import Valkey
from tests.launcher.waiting import alive, processes_with, wait_until

Start = Callable[[Path], AbstractContextManager[Postgres | Valkey]]
HOLD = """
import sys, time
from pathlib import Path
from launcher import servers
with servers.{0}(Path(sys.argv[1])):
    time.sleep(600)
"""
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may become another user")


def server_of(server: Postgres | Valkey) -> int:
    return read_pid(server.data / ("postmaster.pid" if isinstance(server, Postgres) else "valkey.pid")) or 0


def test_postgresql_keeps_its_data_to_itself(directory: Path) -> None:
    with servers.postgres(directory) as server:
        server.ensure_database("xenweb")
        server.ensure_database("xenweb")
        with server.connect("xenweb") as connection:
            assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
            assert connection.execute("SHOW server_encoding").fetchone() == ("UTF8",)
        for path in (server.data, server.sockets):
            assert stat.S_IMODE(path.stat().st_mode) == 0o700
            assert path.stat().st_uid == os.geteuid()


@as_root
def test_postgresql_runs_as_nobody_where_root_may_not_step_aside(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_module, "unprivileged", lambda: Identity(user=FALLBACK_USER))
    with servers.postgres(directory) as server:
        assert server.is_ready()
        assert stat.S_IMODE(server.data.stat().st_mode) == 0o700


@as_root
def test_a_closed_parent_directory_is_explained_and_left_closed(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_module, "unprivileged", lambda: Identity(user=FALLBACK_USER))
    inner = directory / "inner"
    inner.mkdir()
    with pytest.raises(CannotStartError, match="Set XENWEB_VAR"), servers.postgres(inner):
        pass
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700


def test_data_of_another_major_version_are_refused_untouched(directory: Path) -> None:
    data = directory / "postgres"
    data.mkdir()
    (data / "PG_VERSION").write_text("9\n")
    with pytest.raises(CannotStartError, match="pg_dump"), servers.postgres(directory):
        pass
    assert (data / "PG_VERSION").read_text() == "9\n"


def test_an_interrupted_first_start_is_made_good(directory: Path) -> None:
    (directory / "postgres").mkdir()
    (directory / "postgres" / "half").touch()
    with servers.postgres(directory) as server:
        assert server.is_ready()


@pytest.mark.parametrize("start", [servers.postgres, servers.valkey])
def test_a_path_too_long_for_a_socket_is_no_obstacle(directory: Path, start: Start) -> None:
    deep = directory / ("d" * 90)
    deep.mkdir()
    with start(deep) as server:
        assert server.is_ready()
        assert directory not in server.sockets.parents
        assert stat.S_IMODE(server.sockets.stat().st_mode) == 0o700
    remove_sockets_elsewhere(deep)
    assert not server.sockets.exists()


@pytest.mark.parametrize("kind", ["postgres", "valkey"])
def test_after_a_killed_launcher_nothing_runs_and_the_next_start_works(directory: Path, kind: str) -> None:
    start: Start = getattr(servers, kind)
    holder = subprocess.Popen([sys.executable, "-c", HOLD.format(kind), str(directory)], cwd=ROOT)
    server = (Postgres if kind == "postgres" else Valkey)(
        data=directory / kind, sockets=directory / "sockets", log=directory / f"{kind}.log"
    )
    wait_until(server.is_ready, 30)
    holder.kill()
    holder.wait()
    with start(directory) as again:
        assert again.is_ready()
    wait_until(lambda: not processes_with(str(directory)))


@pytest.mark.parametrize("start", [servers.postgres, servers.valkey])
def test_stale_sockets_of_a_killed_server_do_no_harm(directory: Path, start: Start) -> None:
    with start(directory) as first:
        os.kill(server_of(first), signal.SIGKILL)
        wait_until(lambda: not first.is_ready())
    with start(directory) as second:
        assert second.is_ready()


@pytest.mark.parametrize("start", [servers.postgres, servers.valkey])
def test_a_server_that_still_runs_is_ended_before_its_successor_starts(directory: Path, start: Start) -> None:
    with start(directory) as first:
        before = server_of(first)
        with start(directory) as second:
            assert second.is_ready()
            assert server_of(second) != before
            wait_until(lambda: not alive(before))


def test_a_server_that_cannot_start_says_why(directory: Path) -> None:
    (directory / "sockets").mkdir()
    (directory / "sockets" / "valkey.sock").mkdir()
    with pytest.raises(CannotStartError, match="valkey ended with code 1"), servers.valkey(directory):
        pass
