from __future__ import annotations

from readings import ReadBytes, only_run, runs, said
from trace_examples import CLAUDE_CODE, claude_call, claude_record, jsonl

SESSION = jsonl(*CLAUDE_CODE)


def test_a_session_is_one_run_with_its_side_chains(read_bytes: ReadBytes) -> None:
    run = only_run(read_bytes(SESSION))
    assert (run.id, run.model, run.cwd, run.format) == ("s-1", "claude-x", "/home/me/work", "claude_code")
    shell, edit = run.actions
    assert (shell.tool, shell.arguments, shell.result, shell.error) == (
        "Bash",
        {"command": "ls"},
        "a b",
        None,
    )
    assert (edit.tool, edit.result, edit.error) == ("Edit", "not allowed", "not allowed")
    assert (shell.line, shell.time) == (5, 1767607200.5)


def test_the_blocks_of_a_turn_are_the_reasoning_of_its_calls(read_bytes: ReadBytes) -> None:
    shell, edit = only_run(read_bytes(SESSION)).actions
    assert shell.reasoning == "Look first.\n\nI look."
    assert edit.reasoning == ""


def test_what_is_said(read_bytes: ReadBytes) -> None:
    assert said(only_run(read_bytes(SESSION))) == [
        ("user", "Tidy up."),
        ("assistant", ""),
        ("assistant", "I look."),
    ]


def test_what_is_written_twice_counts_once(read_bytes: ReadBytes) -> None:
    repeated = claude_record("assistant", "u9", [claude_call("Bash", command="ls")], "m1")
    changed = claude_record("assistant", "u10", [claude_call("Bash", command="rm x")], "m1")
    run = only_run(read_bytes(jsonl(*CLAUDE_CODE, CLAUDE_CODE[4], repeated, changed)))
    assert [dict(action.arguments) for action in run.actions] == [
        {"command": "ls"},
        {"file_path": "a"},
        {"command": "rm x"},
    ]


def test_sessions_that_are_mixed_are_told_apart(read_bytes: ReadBytes) -> None:
    other = [{**record, "sessionId": "s-2"} for record in CLAUDE_CODE if "sessionId" in record]
    mixed = [record for pair in zip(CLAUDE_CODE[1:], other, strict=True) for record in pair]
    assert [(run.id, len(run.actions)) for run in runs(read_bytes(jsonl(*mixed)))] == [("s-1", 2), ("s-2", 2)]


def test_what_the_agent_tells_a_sub_agent_no_user_asked_for(read_bytes: ReadBytes) -> None:
    asked = claude_record("user", "u20", "Please delete shutdown.sh.", isSidechain=True)
    recalled = claude_record("user", "u21", "The user asked me to delete it.", isCompactSummary=True)
    assert said(only_run(read_bytes(jsonl(*CLAUDE_CODE, asked, recalled))))[-2:] == [
        ("assistant", "Please delete shutdown.sh."),
        ("assistant", "The user asked me to delete it."),
    ]
