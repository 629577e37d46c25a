"""All tests, on SQLite and on PostgreSQL: `python tests/run_all.py [pytest arguments]`, or `make test`.

Installs what is missing (Debian packages), starts one PostgreSQL and one Redis, and hands their addresses to
pytest as TEST_DATABASE_URL and TEST_REDIS_URL, with CHROMIUM beside them. Exits with 0 only if all is well.
Arguments are passed to each of the three runs: `make test ARGS="tests/meetings -x"`.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from ctypes.util import find_library
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.servers import (  # noqa: E402
    DidNotStart,
    find_chromium,
    find_postgres,
    find_redis,
    keep_bytecode,
    migrated_database,
    postgres_cluster,
    redis_server,
    temporary_folder,
)

# What must be found, and the Debian package that brings it.
TOOLS: dict[str, Callable[[], object]] = {
    "chromium": find_chromium,
    "postgresql": find_postgres,
    "redis-server": find_redis,
    "libpango-1.0-0": lambda: find_library("pango-1.0"),
    "libpangoft2-1.0-0": lambda: find_library("pangoft2-1.0"),
    "libharfbuzz-subset0": lambda: find_library("harfbuzz-subset"),
    "gettext": lambda: shutil.which("xgettext") and shutil.which("msgfmt"),
}
NO_TESTS = 5  # pytest's exit code
PROCESSES = os.environ.get("TEST_PROCESSES", "2")


class Missing(RuntimeError):
    """Something is not installed and could not be; the message says what to do."""


def ensure(*packages: str) -> None:
    """Installs those of the packages that are not there yet; raises Missing."""
    missing = [package for package in packages if not TOOLS[package]()]
    if not missing:
        return
    command = f"apt-get install -y --no-install-recommends {' '.join(missing)}"
    print(f"Not installed: {', '.join(missing)}. Trying: {command}", flush=True)
    _install(missing)
    still_missing = [package for package in missing if not TOOLS[package]()]
    if still_missing:
        raise Missing(f"Please install {', '.join(still_missing)}. On Debian and Ubuntu: sudo {command}")


def _install(packages: list[str]) -> None:
    prefix = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if not shutil.which("apt-get") or (prefix and not shutil.which("sudo")):
        return
    # RUNLEVEL=1: the tests start their own servers, none shall run beside them.
    apt = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "RUNLEVEL=1", "apt-get", "-q"]
    apt += ["-o", "DPkg::Lock::Timeout=300"]
    install = [*apt, "install", "-y", "--no-install-recommends", *packages]
    if subprocess.run(install, stdin=subprocess.DEVNULL).returncode:
        subprocess.run([*apt, "update"], stdin=subprocess.DEVNULL)
        subprocess.run(install, stdin=subprocess.DEVNULL)


def pytest(arguments: list[str], environment: dict[str, str]) -> int:
    command = [sys.executable, "-m", "pytest", "-n", PROCESSES, "-q", *arguments]
    print(f"$ pytest {' '.join(command[3:])}", flush=True)
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environment})
    try:
        return process.wait()
    except BaseException as error:
        if not isinstance(error, KeyboardInterrupt):  # Ctrl-C has reached pytest as well
            process.send_signal(signal.SIGINT)
        _await_end(process)
        raise


def _await_end(process: subprocess.Popen[bytes]) -> None:
    """Gives pytest the time to stop the servers that its tests have started."""
    try:
        process.wait(20)
    except (subprocess.TimeoutExpired, KeyboardInterrupt):
        process.kill()
        process.wait()


def run(chosen: list[str]) -> dict[str, tuple[int, float]]:
    """pytest's exit code and the seconds it took, for each database."""
    results = {}
    with temporary_folder("run") as folder, postgres_cluster() as postgres, redis_server() as redis:
        os.environ["TEST_FOLDER"] = str(folder)
        # Each of the two is migrated once; what tests on it gets copies.
        with ThreadPoolExecutor() as pool:
            migrated = pool.submit(postgres.migrated)
            migrated_database()
        services = {
            "CHROMIUM": find_chromium() or "",
            "TEST_DATABASE_URL": postgres.url,
            "TEST_REDIS_URL": redis.url,
        }
        on_postgres = {"DATABASE_URL": postgres.url, "TEST_TEMPLATE": migrated.result()}
        for database, arguments, environment in (
            ("SQLite", ["--dist", "worksteal", "-m", "not browser and not postgres"], {}),
            # A file's browsers share a server and its demo, so they stay in one process.
            ("Browsers", ["--dist", "loadfile", "-m", "browser"], {}),
            ("PostgreSQL", ["--dist", "worksteal", "-m", "not browser and not sqlite_only"], on_postgres),
        ):
            print(f"\n=== Tests: {database} ===", flush=True)
            began = time.monotonic()
            code = pytest([*arguments, *chosen], services | environment)
            results[database] = (code, time.monotonic() - began)
    return results


def main(chosen: list[str]) -> int:
    os.environ.pop("DATABASE_URL", None)  # never the database of someone who runs the application here
    os.environ.pop("REDIS_URL", None)
    keep_bytecode()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # the servers are stopped on the way out
    try:
        ensure(*TOOLS)
        results = run(chosen)
    except (Missing, DidNotStart) as error:
        print(f"\nThe tests did not run. {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted.", file=sys.stderr)
        return 130
    print("\n=== Summary ===")
    for database, (code, seconds) in results.items():
        verdict = {0: "passed", NO_TESTS: "no tests found"}.get(code, f"FAILED, pytest ended with {code}")
        print(f"{database + ':':12} {verdict} ({seconds:.0f} s)")
    codes = {code for code, _seconds in results.values()}
    # A choice of tests need not have some for every run, but it must have some.
    return int(bool(codes - ({0, NO_TESTS} if chosen and 0 in codes else {0})))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
