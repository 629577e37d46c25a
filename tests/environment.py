"""The environment in which tests import the settings.

pytest loads this before the settings (`-p tests.environment` in pyproject.toml); what is set already, stays.
The data of a run, its SQLite database included, lie in a folder that is removed at its end.
"""

import atexit
import os
import shutil
import tempfile
import warnings
from pathlib import Path

from tests.servers import APPLICATION, DidNotStart, collected_static, keep_bytecode


def prepare() -> None:
    for name, value in APPLICATION.items():
        os.environ.setdefault(name, value)
    keep_bytecode()
    # A process of pytest-xdist shares the folders of the one that started it.
    if "TEST_FOLDER" not in os.environ:
        os.environ["TEST_FOLDER"] = temporary_folder()
    if "DATA_DIR" in os.environ:
        return
    folder = os.environ["DATA_DIR"] = temporary_folder()
    try:
        (Path(folder) / "static").symlink_to(collected_static())
    except DidNotStart as error:
        warnings.warn(f"Pages cannot name scripts and styles: {error}", stacklevel=1)


def temporary_folder() -> str:
    folder = tempfile.mkdtemp(prefix="collab-tests-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


prepare()
