from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from readings import ReadBytes

from offswitch.trace import Reading
from offswitch.trace.readers import read


@pytest.fixture
def read_bytes(tmp_path: Path) -> ReadBytes:
    """Reads a file of these bytes, whose name says nothing about its format."""

    def reader(data: bytes) -> list[Reading]:
        path = tmp_path / "recording.txt"
        path.write_bytes(data)
        return list(read(path))

    return reader


@pytest.fixture(scope="session")
def inspect_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Logs that the installed Inspect writes: eval/, json/ and crashed/, whose run was killed."""
    pytest.importorskip("inspect_ai")
    folder = tmp_path_factory.mktemp("inspect")
    script = Path(__file__).with_name("write_inspect_logs.py")
    own_files = {**os.environ, "XDG_DATA_HOME": str(folder / "data"), "XDG_CACHE_HOME": str(folder / "cache")}
    for kind, code in (("whole", 0), ("crashed", 9)):
        command = [sys.executable, str(script), str(folder), kind]
        done = subprocess.run(command, env=own_files, capture_output=True, text=True, check=False)
        assert done.returncode == code, done.stderr
    return folder
