"""What the command line imports when it is typed in a folder of somebody else's."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

SCRIPT = (str(Path(sys.executable).with_name("offswitch")),)
MODULE = (sys.executable, "-m", "offswitch.cli.main")
INLINE = (sys.executable, "-c", "from offswitch.cli.main import main; main()")
PLANTED = ("click.py", "msgspec.py", "typing_extensions.py", "lib/click.py", "lib/msgspec.py")

pytestmark = pytest.mark.safety


def typed(program: Sequence[str], folder: Path, python_path: str | None) -> subprocess.CompletedProcess[str]:
    """Ask for the version in a folder that holds modules of other people's, which leave a mark."""
    for name in PLANTED:
        file = folder / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(f"open({str(folder / 'mark')!r}, 'a').write(__name__)\nraise SystemExit(0)\n")
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    if python_path is not None:
        environment["PYTHONPATH"] = python_path.format(here=folder)
    return subprocess.run(
        [*program, "--version"], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("program", [SCRIPT, MODULE, INLINE], ids=["script", "module", "inline"])
@pytest.mark.parametrize(
    "python_path",
    [None, ":/nonesuch", "/nonesuch:", ".", "lib", "{here}", "{here}/lib", "{here}/../{here.name}"],
)
def test_nothing_is_imported_from_the_current_folder(
    tmp_path: Path, program: Sequence[str], python_path: str | None
) -> None:
    done = typed(program, tmp_path, python_path)
    assert not (tmp_path / "mark").exists(), (tmp_path / "mark").read_text()
    assert done.stdout.startswith("offswitch, version"), done.stderr


def test_plug_ins_in_the_making_may_lie_below_the_current_folder(tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib/click.py").write_text("raise SystemExit(77)\n")
    environment = os.environ | {"PYTHONPATH": str(tmp_path / "lib")}
    codes = [
        subprocess.run(
            [*SCRIPT, word, "--help"], cwd=tmp_path, env=environment, capture_output=True, check=False
        )
        for word in ("list", "stop")
    ]
    assert [done.returncode for done in codes] == [77, 0]


def test_a_folder_that_pythonpath_names_elsewhere_still_counts(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "there").mkdir()
    (tmp_path / "there/click.py").write_text("raise SystemExit(77)\n")
    assert typed(SCRIPT, tmp_path / "here", str(tmp_path / "there")).returncode == 77


def test_a_current_folder_that_was_deleted_is_no_obstacle(tmp_path: Path) -> None:
    shell = f'mkdir gone && cd gone && rmdir ../gone && PYTHONPATH=/nonesuch exec "{SCRIPT[0]}" --version'
    done = subprocess.run(["sh", "-c", shell], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stdout.startswith("offswitch, version"), done.stderr
