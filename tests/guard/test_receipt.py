from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from offswitch.errors import InputError
from offswitch.guard import receipt, registries, registry, signing
from offswitch.guard.receipt import Swept
from offswitch.guard.seal import Seal
from offswitch.guard.sweep import Left

RECORD = {
    "why": "ordered by user 0",
    "at": 1_700_000_000.0,
    "steps": [
        {"step": "freeze", "done": False, "ms": 1.0},
        {"step": "kill", "done": True, "ms": 2.0},
        {"step": "empty", "done": True, "ms": 3.0},
    ],
    "empty": True,
}

OPEN = '{"to": "a:1", "verdict": "open"}\n'


@pytest.fixture(autouse=True)
def _own_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signing, "key_file", lambda: tmp_path / "keys/signing.key")
    monkeypatch.setattr(registries, "home", lambda: tmp_path)


@pytest.fixture
def agent(tmp_path: Path) -> registry.Agent:
    folder = tmp_path / "agent"
    folder.mkdir()
    (tmp_path / "prompt").write_text("x")
    sealed = Seal([tmp_path / "prompt"]).signed([], {})
    (folder / "seal.json").write_bytes(msgspec.json.encode(sealed))
    return registry.Agent(
        name="a",
        command=["x"],
        workdir="/",
        started=1.0,
        supervisor=1,
        init_pid=2,
        init_born=3,
        group="",
        barriers={"seccomp": "in force"},
        hosts=["example.org:443"],
        model="https://api.example.org",
        sealed=[],
        folder=str(folder),
    )


def made(agent: registry.Agent, swept: Swept | None = None, **changes: Any) -> dict[str, Any]:
    return receipt.build(agent, {**RECORD, **changes}, swept or Swept(done=True, left=[], unseen=[]))


def test_a_receipt_holds_for_who_trusts_its_key(agent: registry.Agent) -> None:
    document = made(agent)
    assert document["verified"]
    assert receipt.problems(document, [signing.public_key()]) == []
    assert "not trusted here" in receipt.problems(document, ["other"])[0]


@pytest.mark.parametrize(
    "field", ["schema", "verified", "made", "left", "why_not", "handoffs", "stop", "agent"]
)
def test_no_field_can_be_changed(agent: registry.Agent, field: str) -> None:
    document = made(agent)
    document[field] = "other"
    assert receipt.problems(document, [signing.public_key()]) == [
        "the signature is missing, or is not of this content"
    ]


def test_a_receipt_that_says_more_than_its_steps_does_not_hold(agent: registry.Agent) -> None:
    document = made(agent, empty=False)
    document.pop("signature")
    lied = signing.signed(document | {"verified": True})
    found = receipt.problems(lied, [signing.public_key()])
    assert "what it says of being verified is not what its steps say" in found
    assert "processes of the cell may be left" in found


@pytest.mark.parametrize(
    ("changes", "swept", "said"),
    [
        ({"empty": False}, None, "processes of the cell may be left"),
        (
            {"steps": [{"step": "cut relay", "done": False, "ms": 1.0}]},
            None,
            "the step 'cut relay' was not seen",
        ),
        ({}, Swept(done=False, left=[], unseen=[]), "nothing was swept"),
        ({}, Swept(done=True, left=[Left("/etc/cron.d/x", "made")], unseen=[]), "left: /etc/cron.d/x (made)"),
    ],
)
def test_what_is_not_verified_is_said(
    agent: registry.Agent, changes: dict[str, Any], swept: Swept | None, said: str
) -> None:
    document = made(agent, swept, **changes)
    assert document["verified"] is False
    assert any(said in why for why in document["why_not"])
    assert receipt.problems(document, [signing.public_key()]) == document["why_not"]


def test_hand_offs_are_listed_and_said_to_be_not_verified_here(agent: registry.Agent) -> None:
    lines = [{"to": "example.org:443", "verdict": "open"}] * 2 + [{"to": "b:1", "verdict": "refused"}]
    Path(agent.folder, "egress.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    document = made(agent)
    assert document["handoffs"] == [{"to": "example.org:443", "connections": 2}]
    assert "what example.org:443 does with what was sent there" in document["not_verified_here"]
    assert any(
        "https://api.example.org was still working on" in what for what in document["not_verified_here"]
    )
    assert document["verified"], "what cannot be known here is said, and not held against the stop"


def test_many_names_below_one_star_are_one_and_keep_no_receipt_from_holding(agent: registry.Agent) -> None:
    lines = [
        {"to": f"n{number}.example.org:443", "entry": "*.example.org:443", "verdict": "open"}
        for number in range(1_500)
    ]
    Path(agent.folder, "egress.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    document = made(agent)
    assert len(document["handoffs"]) == 1_001
    assert document["handoffs"][-1] == {"to": "*.example.org:443", "connections": 500}
    assert "what *.example.org:443 does with what was sent there" in document["not_verified_here"]
    assert document["verified"]


def test_a_line_that_is_torn_within_the_journal_makes_the_receipt_unverified(agent: registry.Agent) -> None:
    Path(agent.folder, "egress.jsonl").write_text('{"to": "b{"to": "a:1", "verdict": "open"}\n' + OPEN)
    document = made(agent)
    assert document["handoffs"] == [{"to": "a:1", "connections": 1}]
    assert document["why_not"] == ["cannot be read: 1 lines of egress.jsonl, of what left the cell"]


WRITER = """
import sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from offswitch.guard.egress.journal import Journal
journal = Journal(Path(sys.argv[2]))
journal.note(to="a:1", verdict="open")
print(flush=True)
while True:
    journal.note(to="b:1" + "b" * 50_000_000, verdict="open")
"""


def killed_while_it_noted(journal: Path) -> None:
    """Kill outlets' journals in the middle of a line, which is a long one, so that there is a middle."""
    for _ in range(50):
        journal.unlink(missing_ok=True)
        argv = [
            sys.executable,
            "-I",
            "-S",
            "-c",
            WRITER,
            str(Path(receipt.__file__).parents[2]),
            str(journal),
        ]
        with subprocess.Popen(argv, stdout=subprocess.PIPE) as writer:
            assert writer.stdout is not None
            writer.stdout.read(1)
            first = journal.stat().st_size
            while journal.stat().st_size == first and writer.poll() is None:
                pass
            writer.kill()
        if not journal.read_bytes().endswith(b"\n"):
            return
    raise AssertionError("no line was cut short")


def test_a_last_line_whose_writer_was_killed_is_told_and_keeps_nothing_from_being_verified(
    agent: registry.Agent,
) -> None:
    journal = Path(agent.folder, "egress.jsonl")
    killed_while_it_noted(journal)
    document = made(agent)
    assert document["verified"], document["why_not"]
    assert document["handoffs"] == [{"to": "a:1", "connections": 1}]
    (said,) = [one for one in document["not_verified_here"] if "last line of egress.jsonl" in one]
    assert "before anything of it could leave" in said
    with journal.open("a") as lines:  # another outlet goes on in the same line
        lines.write(OPEN)
    assert "1 lines of egress.jsonl" in made(agent)["why_not"][0]


def test_a_last_line_that_lacks_its_end_only_counts(agent: registry.Agent) -> None:
    Path(agent.folder, "egress.jsonl").write_text(OPEN.strip())
    assert made(agent)["handoffs"] == [{"to": "a:1", "connections": 1}]


def test_what_the_stopper_was_refused_is_said(agent: registry.Agent) -> None:
    granted = {"locked memory": "in force", "real-time priority": "refused: Operation not permitted"}
    document = made(msgspec.structs.replace(agent, stopper=granted))
    assert document["agent"]["stopper"] == granted
    assert document["verified"], "it says how soon a stop comes, not whether this one was seen"


def test_what_was_sealed_is_looked_at_once_more(agent: registry.Agent, tmp_path: Path) -> None:
    (tmp_path / "prompt").write_text("other")
    (found,) = made(agent)["findings"]
    assert (found["behaviour"], found["asset"]) == ("parameter_tampering", str(tmp_path / "prompt"))
    Path(agent.folder, "seal.json").write_text("{}")
    assert "seal.json, what was sealed" in made(agent)["why_not"][0]


def test_a_file_that_is_no_receipt_is_told(tmp_path: Path) -> None:
    file = tmp_path / "r.json"
    for text, said in [
        ("{", "a JSON document"),
        ("[]", "expected an object"),
        ("[" * 100_000, "too deep"),
        ('{"schema": "x"}', "of the schema"),
        ('{"agent": {"name": "other", "name": "this"}}', "a key stands there twice"),
        ('{"made": NaN}', "no number of JSON"),
    ]:
        file.write_text(text)
        with pytest.raises(InputError, match=said):
            receipt.read(file)
    with pytest.raises(InputError, match="cannot be read"):
        receipt.read(tmp_path / "nonesuch")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError, match="it is no file"):
        receipt.read(tmp_path / "pipe")


def test_nothing_can_be_written_beside_a_signature(agent: registry.Agent) -> None:
    document = made(agent)
    document["signature"]["note"] = "ordered by user 4711"
    (problem,) = receipt.problems(document, [signing.public_key()])
    assert "nothing else in it" in problem
    document["signature"] = "other"
    assert receipt.problems(document, [signing.public_key()])


def test_a_signed_document_without_the_fields_of_a_receipt_does_not_hold() -> None:
    document = signing.signed({"schema": receipt.SCHEMA, "verified": True, "stop": 7})
    assert receipt.problems(document, [signing.public_key()]) == ["it does not have the fields of a receipt"]


def test_a_key_is_made_once_for_its_owner_alone_and_one_that_others_may_read_is_refused() -> None:
    first = signing.public_key()
    assert signing.public_key() == first
    file = signing.key_file()
    assert file.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in file.parent.iterdir()] == ["signing.key"]
    file.chmod(0o644)
    with pytest.raises(InputError, match="nobody else may read"):
        signing.public_key()
    file.chmod(0o600)
    file.write_bytes(os.urandom(31))
    with pytest.raises(InputError, match="expected a signing key of 32 bytes"):
        signing.signed({})
