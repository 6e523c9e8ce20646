from __future__ import annotations

from readings import ReadBytes, only_run, runs, unreadable
from trace_examples import COMMANDS, REPLIES, jsonl


def test_a_run_a_source_and_session_in_order(read_bytes: ReadBytes) -> None:
    found = runs(read_bytes(jsonl(*COMMANDS)))
    told = [(run.id, run.model, [action.arguments["command"] for action in run.actions]) for run in found]
    assert told == [
        ("x/a", "acme/one", ["ls", "cat <<'E'\nhi\nE"]),
        ("x/b", None, ["pwd"]),
        ("y", None, ["date"]),
    ]
    assert [(action.index, action.line) for action in found[0].actions] == [(0, 1), (1, 3)]
    assert all(action.tool == "bash" for run in found for action in run.actions)


def test_without_source_and_session_the_file_is_the_run(read_bytes: ReadBytes) -> None:
    run = only_run(read_bytes(jsonl({"command": "ls"}, {"command": "pwd"})))
    assert (run.id, len(run.actions)) == ("recording", 2)


def test_a_line_without_a_command_is_reported(read_bytes: ReadBytes) -> None:
    readings = read_bytes(jsonl({"command": "ls"}, {"command": ["ls"]}, {"source": "x"}))
    assert [(entry.line, entry.reason) for entry in unreadable(readings)] == [
        (2, "expected `command` to be text, found list"),
        (3, "expected `command` to be text, found nothing"),
    ]
    assert len(runs(readings)) == 1


def test_a_reply_is_a_run_of_one_turn(read_bytes: ReadBytes) -> None:
    wrote, declined = runs(read_bytes(jsonl(*REPLIES)))
    (email,) = wrote.actions
    assert (email.tool, email.arguments) == ("email", {"to": "a@b.c", "body": "Hi\nyou"})
    assert email.reasoning.startswith("I could write.")
    assert [type(step).__name__ for step in declined.steps] == ["Message", "Message"]
    assert (wrote.id, declined.id) == ("recording:1", "recording:2")
