"""PostgreSQL for one machine, on a Unix socket only; docs/deploy/README.md says how a team replaces it."""

import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from launcher.leftovers import end_leftover
from launcher.postgres_programs import major_of, programs_for
from launcher.privileges import unprivileged
from launcher.processes import Command
from launcher.terminal import CannotStartError

USER = "xenweb"
INITDB = ("-U", USER, "-A", "trust", "-E", "UTF8", "--no-locale")
BUILTIN_LOCALE = ("--locale-provider=builtin", "--builtin-locale=C.UTF-8")
BUILTIN_SINCE = 17
SETTINGS = ("listen_addresses=", "unix_socket_permissions=0700", "shared_buffers=32MB", "jit=off")
NOT_DURABLE = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


@dataclass(frozen=True, kw_only=True)
class Postgres:
    """One cluster in ``data`` with its socket in ``sockets``; tests may do without durability."""

    data: Path
    sockets: Path
    log: Path
    durable: bool = True

    def command(self) -> Command:
        """Make the cluster if there is none, end what a killed launcher left, and return what starts it."""
        identity = unprivileged()
        programs = programs_for(identity, self.data.parent / "postgres-programs")
        self.make_cluster(programs)
        identity.receive(self.sockets)
        end_leftover(self.data / "postmaster.pid", signal.SIGINT)
        options = [f"unix_socket_directories={self.sockets}", *SETTINGS, *(() if self.durable else NOT_DURABLE)]
        return Command(
            name="postgres",
            argv=(str(programs / "postgres"), "-D", str(self.data), *(f"--{option}" for option in options)),
            log=self.log,
            environment={"LC_ALL": "C"},
            directory=self.data,
            stop_signal=signal.SIGINT,
            orphan_signal=signal.SIGINT,
            user=identity.user,
            become=identity.become,
        )

    def make_cluster(self, programs: Path) -> None:
        """Run initdb once; an interrupted one left no PG_VERSION and starts again."""
        version = self.data / "PG_VERSION"
        if version.is_file():
            refuse_other_major(int(version.read_text()), major_of(programs), self.data)
            return
        shutil.rmtree(self.data, ignore_errors=True)
        self.data.mkdir(mode=0o700, parents=True)
        identity = unprivileged()
        if identity.user:
            self.data.parent.chmod(0o711)
        identity.receive(self.data)
        locale = BUILTIN_LOCALE if major_of(programs) >= BUILTIN_SINCE else ()
        done = subprocess.run(
            [str(programs / "initdb"), "-D", str(self.data), *INITDB, *locale],
            env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"},
            cwd=self.data,
            user=identity.user,
            extra_groups=[] if identity.user else None,
            preexec_fn=identity.become,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise CannotStartError(f"PostgreSQL could not make its cluster in {self.data}:\n{done.stderr.strip()}")

    def is_ready(self) -> bool:
        try:
            self.connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def connect(self, database: str = "postgres") -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(host=str(self.sockets), user=USER, dbname=database, connect_timeout=2, autocommit=True)

    def url(self, database: str) -> str:
        return f"postgres://{USER}@/{database}?host={self.sockets}"

    def ensure_database(self, name: str) -> None:
        with self.connect() as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
            if not found:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))


def refuse_other_major(found: int, ours: int, data: Path) -> None:
    if found == ours:
        return
    raise CannotStartError(
        f"The data in {data} were made by PostgreSQL {found}; this xenweb brings {ours}. Nothing was changed.\n"
        f"1. Start the xenweb that made them (or any PostgreSQL {found}) and save the data:\n"
        f"   pg_dump -h SOCKET-DIRECTORY -U {USER} {USER} > xenweb.sql\n"
        f"2. Here: keep var/keys, remove {data}, start ./run once, stop it, and restore:\n"
        f"   psql -h SOCKET-DIRECTORY -U {USER} {USER} < xenweb.sql"
    )
