from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pytest

from offswitch.errors import InputError, UsageError
from offswitch.guard import findings, placeholders, seal, signing
from offswitch.guard.policy.made import Made
from offswitch.guard.seal import Change, Seal
from offswitch.trace import Finding


@pytest.fixture(autouse=True)
def _own_key(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path_factory.mktemp("key") / "signing.key"
    monkeypatch.setattr(signing, "key_file", lambda: file)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    folder = tmp_path / "sealed"
    (folder / "deep").mkdir(parents=True)
    (folder / "prompt.txt").write_text("be good\n")
    (folder / "deep/tools.json").write_text("[]\n")
    (folder / "link").symlink_to("prompt.txt")
    return folder


def change(folder: Path, name: str, what: str) -> Change:
    return Change(str(folder / name), what)


def test_every_kind_of_change_is_told_once(place: Path) -> None:
    sealed = Seal([place])
    assert sealed.changes() == []
    (place / "prompt.txt").write_text("be bad!\n")
    (place / "deep/tools.json").unlink()
    (place / "deep/new").write_text("x")
    (place / "link").unlink()
    (place / "link").symlink_to("/etc/passwd")
    assert sealed.changes() == [
        change(place, "deep/new", "made"),
        change(place, "deep/tools.json", "removed"),
        change(place, "link", "changed"),
        change(place, "prompt.txt", "changed"),
    ]
    assert sealed.changes() == []


def test_a_mode_is_sealed_and_a_file_of_the_same_size_and_time_is_hashed(place: Path) -> None:
    sealed = Seal([place])
    file = place / "prompt.txt"
    before = file.stat()
    file.write_text("be evil\n")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert sealed.changes() == [change(place, "prompt.txt", "changed")]
    file.chmod(0o777)
    assert sealed.changes() == [change(place, "prompt.txt", "changed")]


def test_a_file_is_compared_by_its_times_and_hashed_when_they_differ_or_are_fresh_and_at_the_end(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights = place / "w.bin"
    weights.write_bytes(b"\0" * 100_000)
    sealed = Seal([weights])
    hashed = []
    digest = seal._digest
    monkeypatch.setattr(seal, "_digest", lambda path: hashed.append(path) or digest(path))
    assert sealed.changes() == []
    assert hashed == [weights], "another change may have followed with the same time"
    hashed.clear()
    assert sealed.changes() == []
    assert hashed == [], "nothing is read while the times are the same"
    assert sealed.changes(full=True) == []
    assert hashed == [weights]
    before = weights.stat()
    with weights.open("r+b") as file:
        file.seek(1000)
        file.write(b"x")
    os.utime(weights, ns=(before.st_atime_ns, before.st_mtime_ns))  # the kernel's own time still tells
    assert sealed.changes() == [change(place, "w.bin", "changed")]


def test_more_files_than_can_be_watched_are_refused(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seal, "_MOST_FILES", 3)
    with pytest.raises(UsageError, match="more than 3 files are to be sealed"):
        Seal([place])


def test_a_signed_seal_can_be_checked_by_another_program_at_the_end(place: Path) -> None:
    made = place / "made.json"
    made.write_text("{}\n")
    document = Seal([place, made]).signed([str(made)], {str(place): "oversight"})
    document = msgspec.json.decode(msgspec.json.encode(document))
    made.unlink()
    assert seal.at_end(document) == [], "placeholders are taken away at the end"
    (place / "prompt.txt").write_text("other\n")
    assert seal.at_end(document) == [change(place, "prompt.txt", "changed")]
    document["files"][str(place / "prompt.txt")] = "sha256:0 644"
    with pytest.raises(InputError, match="not of this content"):
        seal.at_end(document)


def test_a_seal_of_another_key_is_refused(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = Seal([place]).signed([], {})
    monkeypatch.setattr(signing, "key_file", lambda: tmp_path / "other.key")
    with pytest.raises(InputError, match="another key"):
        seal.at_end(document)


@pytest.mark.parametrize(
    ("role", "behaviour"),
    [
        ("parameters", "parameter_tampering"),
        ("weights", "parameter_tampering"),
        ("oversight", "oversight_sabotage"),
        ("shutdown", "shutdown_sabotage"),
        ("successor", "successor_sabotage"),
        ("audit", "trace_tampering"),
        ("persistence", "persistence"),
    ],
)
def test_a_change_is_a_finding_by_its_role(tmp_path: Path, role: str, behaviour: str) -> None:
    found = findings.of_changes([Change("/x/y", "changed")], lambda _: role)  # type: ignore[arg-type, return-value]
    findings.note(tmp_path, found)
    findings.note(tmp_path, found)
    assert [(one.behaviour, one.asset, one.role) for one in findings.noted(tmp_path)] == 2 * [
        (behaviour, "/x/y", role)
    ]
    line = (tmp_path / "findings.jsonl").read_bytes().splitlines()[0]
    assert msgspec.json.decode(line, type=Finding).severity == "critical"


def test_placeholders_are_what_programs_take_for_nothing_and_go_with_what_lies_around_them(
    tmp_path: Path,
) -> None:
    folder, work = tmp_path / "agent", tmp_path / "work"
    folder.mkdir()
    work.mkdir()
    made = [Made(work / ".x/settings.json", folder=False), Made(work / ".x/hooks", folder=True)]
    made.append(Made(work / "note.md", folder=False))
    placeholders.make(folder, made)
    assert (work / ".x/settings.json").read_text() == "{}\n"
    assert (work / "note.md").read_text() == ""
    (work / "note.md").write_text("a person wrote this")
    placeholders.unmake(folder)
    assert [path.name for path in work.iterdir()] == ["note.md"]
    placeholders.unmake(folder)


@pytest.mark.timeout(60)
def test_a_pipe_that_somebody_puts_in_the_place_of_a_file_does_not_hold_up_the_seal(tmp_path: Path) -> None:
    pipe, link = tmp_path / "pipe", tmp_path / "link"
    os.mkfifo(pipe)
    link.symlink_to(pipe)
    assert seal._digest(pipe) == seal._digest(Path("/dev/null"))
    with pytest.raises(OSError, match="symbolic links"):
        seal._digest(link)
