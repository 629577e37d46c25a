from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live.site import Site, prepare
from tests.servers import APPLICATION, asgi_server

# Beats and checks are quick, so that tests are.
QUICK = {"LIVE_BEAT_SECONDS": "1", "LIVE_CHECK_SECONDS": "0.5"}


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict, dict]:
    """The folder of a migrated database with the cast, made once and copied for each test; sessions and ids."""
    folder = tmp_path_factory.mktemp("template")
    sessions, ids = prepare({**APPLICATION, "DATA_DIR": str(folder)})
    return folder, sessions, ids


@pytest.fixture
def site(template: tuple[Path, dict, dict], tmp_path: Path) -> Iterator[Site]:
    """A running Daphne with the cast in its SQLite database."""
    folder, sessions, ids = template
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    env = {**APPLICATION, **QUICK, "DATA_DIR": str(tmp_path)}
    with asgi_server(env) as server:
        yield Site(server, env, sessions, ids)
