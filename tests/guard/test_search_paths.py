"""What the guard starts, imports and loads itself never comes from where an agent writes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from guarding import WITHOUT, Desk, await_true, desk_of_its_own, open_folder
from persons import person

import offswitch
from offswitch.errors import UsageError
from offswitch.guard import programs, sweep
from offswitch.guard.policy import load, search_paths
from offswitch.guard.policy.links import followed
from offswitch.guard.policy.resolve import Resolved, resolve

PLANT = """
import os, time
for folder in ("node_modules/.bin", "."):
    for name in ("docker", "podman", "bwrap"):
        try:
            os.makedirs(folder, exist_ok=True)
            with open(f"{folder}/{name}", "w") as file:
                file.write(f"#!/bin/sh\\ntouch {os.environ['MARK']}\\n")
            os.chmod(f"{folder}/{name}", 0o755)
        except OSError as refusal:
            print(refusal.strerror, f"{folder}/{name}", flush=True)
with open("msgspec.py", "w") as file:
    file.write(f"open({os.environ['MARK']!r}, 'w'); raise SystemExit(0)\\n")
os.close(os.open("up", os.O_CREAT))
time.sleep(60)
"""
"""Puts programs that leave a mark where a guard, a stop or a person may look for them."""

Here = Callable[..., Resolved]


@pytest.fixture
def desk() -> Iterator[Desk]:
    with desk_of_its_own() as one:
        yield one


@pytest.fixture
def ground() -> Iterator[Path]:
    """A home with a folder of work in it."""
    with open_folder() as home:
        (home / "work").mkdir()
        yield home


@pytest.fixture
def here(ground: Path) -> Here:
    def resolved(text: str = "about: x", **environment: str) -> Resolved:
        file = ground / "policy.yaml"
        file.write_text(text)
        given = {"PATH": "/usr/bin:/bin", **environment}
        return resolve(load.load(file), ground / "work", ground, given, file)

    return resolved


def planting(desk: Desk) -> tuple[Path, str]:
    """Return the mark, which the cell does not show, and a policy that tells the agent of it."""
    mark = desk.home.parent / "mark"
    return mark, desk.policy(f"environment: {{set: {{MARK: {mark}}}}}\n")


@pytest.mark.sandbox
@pytest.mark.safety
@pytest.mark.root
def test_a_folder_of_path_that_is_not_there_cannot_be_made_by_the_agent(desk: Desk) -> None:
    mark, policy = planting(desk)
    desk.environment["PATH"] = f"{desk.work}/node_modules/.bin:{desk.environment['PATH']}"
    with desk.guarded("/usr/bin/python3", "-c", PLANT, policy=policy) as guard:
        await_true((desk.work / "up").exists)
        done = desk.run("stop", desk.name)
        said = guard.communicate()[0]
    assert done.returncode == 0, done.stderr
    assert said.count("Read-only file system node_modules/.bin/") == 3
    assert not (desk.work / "node_modules").exists(), "the placeholders are gone"
    assert not mark.exists()


@pytest.mark.safety
@pytest.mark.parametrize("path", [".:{0}", ":{0}", "{0}:", "node_modules/.bin:{0}", "", "~/bin:{0}"])
def test_a_relative_or_empty_entry_of_path_is_refused(desk: Desk, path: str) -> None:
    desk.environment["PATH"] = path.format(desk.environment["PATH"])
    done = desk.run("guard", "--name", desk.name, "--", "/bin/true")
    assert done.returncode == 2
    assert done.stderr.startswith("offswitch: PATH has ")
    assert "expected PATH without it" in done.stderr


@pytest.mark.sandbox
@pytest.mark.safety
@pytest.mark.root
def test_what_the_guard_starts_itself_is_not_looked_for_in_path(desk: Desk) -> None:
    """Not even where the agent cannot write: another time it could, or another agent."""
    mark = desk.home.parent / "mark"
    tools = desk.home / "tools"
    tools.mkdir()
    for name in ("docker", "podman", "bwrap", "newuidmap", "newgidmap"):
        (tools / name).write_text(f"#!/bin/sh\necho {name} >> {mark}\nexit 1\n")
        (tools / name).chmod(0o755)
    desk.environment["PATH"] = f"{tools}:{desk.environment['PATH']}"
    done = desk.run("guard", "--name", desk.name, "--", "/bin/sh", "-c", "exit 3")
    assert done.returncode == 3, done.stderr
    with desk.guarded("/bin/sleep", "60") as guard:
        await_true(lambda: desk.state() == "running")
        assert desk.run("stop", desk.name).returncode == 0
        guard.wait(60)
    desk.run("doctor")
    assert not mark.exists(), mark.read_text()


@pytest.mark.sandbox
@pytest.mark.safety
@pytest.mark.root
@pytest.mark.parametrize("program", ["script", "module"])
def test_a_stop_typed_in_the_agents_folder_imports_nothing_from_it(desk: Desk, program: str) -> None:
    mark, policy = planting(desk)
    with desk.guarded("/usr/bin/python3", "-c", PLANT, policy=policy) as guard:
        await_true((desk.work / "up").exists)
        desk.environment["PYTHONPATH"] = f":{desk.environment['PYTHONPATH']}"
        if program == "script":
            desk.program = (str(Path(sys.executable).with_name("offswitch")),)
        done = desk.run("stop", desk.name)
        assert done.returncode == 0, done.stderr
        assert "stopped and verified" in done.stderr
        guard.wait(60)
    assert not mark.exists()


@pytest.mark.sandbox
@pytest.mark.safety
@pytest.mark.root
def test_a_stop_that_an_ordinary_user_types_there_imports_nothing_from_it() -> None:
    with person() as alice:
        mark = alice.home / "mark"
        policy = alice.home / "policy.yaml"
        policy.write_text(f"environment: {{set: {{MARK: {mark}}}}}\n")
        argv = ("/usr/bin/python3", "-c", PLANT)
        with alice.guarded(*argv, policy=str(policy), settings=WITHOUT) as guard:
            await_true((alice.work / "up").exists)
            code = Path(offswitch.__file__).parents[1]
            libraries = next(path for path in sys.path if path.endswith("site-packages"))
            alice.environment["PYTHONPATH"] = f":{code}:{libraries}"
            alice.program = ("/usr/bin/python3", "-m", "offswitch.cli.main")
            done = alice.run("stop", alice.name)
            assert "stopped" in done.stderr, done.stderr
            guard.wait(60)
        assert not mark.exists()


@pytest.mark.safety
@pytest.mark.parametrize(
    ("variable", "value"),
    [
        (variable, value)
        for variable in ("PYTHONPATH", "LD_LIBRARY_PATH")
        for value in (
            ":/nonesuch",
            "/nonesuch::/none",
            ".",
            "src",
            "{work}",
            "{work}/not/there",
            "{work}/../work",
        )
    ]
    + [
        ("LD_LIBRARY_PATH", "/nonesuch;{work}"),
        ("LD_PRELOAD", "/nonesuch.so ./mine.so"),
        ("LD_PRELOAD", "{work}/mine.so"),
        ("LD_AUDIT", "{work}/audit.so"),
        ("GCONV_PATH", "{work}"),
        ("OPENSSL_CONF", "openssl.cnf"),
        ("OPENSSL_MODULES", "{work}/modules"),
        ("PYTHONHOME", "{work}/python"),
        ("PYTHONUSERBASE", "{work}/.local"),
        ("PYTHONPYCACHEPREFIX", ".cache"),
        ("PYTHONPATH", "{ground}/link/lib"),
    ],
)
def test_a_variable_that_leads_our_own_program_to_the_agents_files_is_refused(
    ground: Path, here: Here, variable: str, value: str
) -> None:
    (ground / "link").symlink_to("work")
    with pytest.raises(UsageError, match=rf"^{variable} has .*expected {variable} without it"):
        here(**{variable: value.format(work=ground / "work", ground=ground)})


def test_a_variable_that_leads_elsewhere_is_not(ground: Path, here: Here) -> None:
    here(
        PYTHONPATH="",
        LD_LIBRARY_PATH=f"$ORIGIN/../lib:{ground}/lib",
        LD_PRELOAD="libeatmydata.so:/usr/lib/x.so",
        PATH=f"/usr/bin:{ground}/bin",
    )
    search_paths.check([], {"PATH": ".", "PYTHONPATH": ":"})


def test_python_variables_do_not_count_for_a_guard_that_does_not_read_them(ground: Path) -> None:
    code = (
        f"import sys; sys.path[:0] = {[path for path in sys.path if path]!r}; from pathlib import Path;"
        "from offswitch.guard.policy import search_paths;"
        "search_paths.check([Path('/w')], {'PATH': '/bin', 'PYTHONPATH': '/w'})"
    )
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "PYTHONPATH has the entry /w" in done.stderr


@pytest.mark.safety
def test_folders_of_path_in_the_work_are_sealed_and_made_and_links_to_them_refused(
    ground: Path, here: Here
) -> None:
    work = ground / "work"
    path = f"/usr/bin:{work}/node_modules/.bin:{work}/bin/"
    (work / "bin").mkdir()
    resolved = here(PATH=path)
    assert {f"{work}/node_modules/.bin", f"{work}/bin"} <= set(resolved.workplace.sealed)
    folders = {one.path for one in resolved.made if one.folder}
    assert work / "node_modules/.bin" in folders
    assert work / "bin" not in folders
    (work / "bin").rmdir()
    (work / "bin").symlink_to("/usr/games")
    with pytest.raises(UsageError, match="bin is a link"):
        here(PATH=path)


@pytest.mark.safety
def test_where_offswitch_itself_runs_from_cannot_be_work(
    ground: Path, here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place in (sys.prefix, f"{sys.prefix}/lib", Path(offswitch.__file__).parent):
        with pytest.raises(UsageError, match="offswitch itself runs from it"):
            here(f"files: {{writable: ['{place}']}}")
    monkeypatch.syspath_prepend(ground / "work/src")
    with pytest.raises(UsageError, match=rf"the Python of offswitch imports from {ground}/work/src"):
        here()


@pytest.mark.safety
def test_a_program_of_the_guard_that_a_link_leads_to_the_agent_is_refused(
    ground: Path, here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    (ground / "bin").mkdir()
    (ground / "bin/podman").symlink_to(ground / "work/podman")
    monkeypatch.setattr(programs, "PATH", f"/usr/bin:{ground}/bin")
    with pytest.raises(UsageError, match=f"{ground}/bin/podman leads there, which the guard starts"):
        here()


@pytest.mark.safety
def test_a_container_engine_is_asked_in_an_environment_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LD_LIBRARY_PATH", ".")
    monkeypatch.setenv("DOCKER_HOST", "unix:///nonesuch")
    said = sweep._asked("env") or []
    assert f"PATH={programs.PATH}" in said
    assert "DOCKER_HOST=unix:///nonesuch" in said
    assert not any(line.startswith(("LD_", "PYTHON", "PWD=")) for line in said)
    assert sweep._asked("pwd") == ["/"]


def test_every_link_on_the_way_to_a_path_is_told(tmp_path: Path) -> None:
    place = tmp_path.resolve()
    (place / "real/sub").mkdir(parents=True)
    (place / "first").symlink_to("second")
    (place / "second").symlink_to(place / "real/sub/..")
    (place / "real/file").symlink_to("../gone")
    (place / "round").symlink_to("round")
    links = [place / "first", place / "second"]
    assert followed(place / "first/sub") == [*links, place / "real/sub"]
    assert followed(place / "first/file/x") == [*links, place / "real/file", place / "gone/x"]
    assert set(followed(place / "round/x")) == {place / "round", place / "round/x"}
    assert followed(place / "none/../real") == [place / "real"]
