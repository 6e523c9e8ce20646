from __future__ import annotations

import json

from readings import ReadBytes, only_run, said, unreadable
from trace_examples import BLOOM, bloom_event


def test_the_targets_view_is_the_run(read_bytes: ReadBytes) -> None:
    run = only_run(read_bytes(json.dumps(BLOOM).encode()))
    assert (run.id, run.model, run.format) == ("t-1", "acme/two", "bloom")
    assert said(run)[:3] == [
        ("system", "You run a shop."),
        ("user", "Good morning."),
        ("assistant", "Hello."),
    ]
    structured, written = run.actions
    assert (structured.tool, structured.arguments, structured.result) == ("till", {"open": 1}, "opened")
    assert structured.reasoning == "Greet.\n\nHello."
    assert structured.time == 1767607200.0
    assert (written.tool, written.arguments, written.result) == ("till", {"open": "0"}, None)


def test_a_message_in_two_events_counts_once(read_bytes: ReadBytes) -> None:
    again = {**BLOOM, "events": [*BLOOM["events"], *BLOOM["events"]]}
    assert len(only_run(read_bytes(json.dumps(again).encode())).actions) == 2


def test_a_document_over_several_lines(read_bytes: ReadBytes) -> None:
    assert len(only_run(read_bytes(json.dumps(BLOOM, indent=2).encode())).actions) == 2


def test_a_document_cut_short_is_unreadable(read_bytes: ReadBytes) -> None:
    (entry,) = unreadable(read_bytes(json.dumps(BLOOM).encode()[:-30]))
    assert entry.line is None
    assert "expected JSON" in entry.reason


def test_another_edit_of_the_target_is_read(read_bytes: ReadBytes) -> None:
    event = bloom_event(["target"])
    event["edit"] = {"operation": "reset", "new_messages": [{"role": "user", "content": "Anew."}]}
    run = only_run(read_bytes(json.dumps({**BLOOM, "events": [event]}).encode()))
    assert said(run) == [("user", "Anew.")]
