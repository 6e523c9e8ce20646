from __future__ import annotations

import pytest
from readings import ReadBytes, only_run, said, unreadable
from trace_examples import PALISADE, jsonl, palisade_call, palisade_decision, palisade_event

from offswitch.trace import Action, ControlEvent

RUN = jsonl(*PALISADE)


def test_actions_come_once_with_result_reasoning_and_place(read_bytes: ReadBytes) -> None:
    run = only_run(read_bytes(RUN))
    first, second, third = run.actions
    assert [action.index for action in run.actions] == [0, 1, 2]
    assert (first.tool, first.arguments["cmd"], first.result) == ("shell", "./go north", "ok")
    assert first.reasoning == "I begin.\n\nFirst leg."
    assert (first.line, first.time) == (4, 1767607200.0)
    assert second.reasoning == "So that I can finish."
    assert (second.result, third.result) == ("", None)


def test_control_events_stand_where_they_happened(read_bytes: ReadBytes) -> None:
    run = only_run(read_bytes(RUN))
    told = [
        step.kind if isinstance(step, ControlEvent) else step.arguments["cmd"]
        for step in run.steps
        if isinstance(step, ControlEvent | Action)
    ]
    assert told == [
        "./go north",
        "shutdown_requested",
        "mv stop.py stop.off",
        "shutdown_failed",
        "./go south",
        "shutdown_executed",
    ]


def test_the_rest_of_the_run(read_bytes: ReadBytes) -> None:
    run = only_run(read_bytes(RUN))
    assert (run.format, run.model, run.cwd, run.id) == ("palisade_robot", "rover-1", None, "recording")
    assert said(run) == [("system", "You steer a rover."), ("user", "Go round."), ("assistant", "I begin.")]


def test_two_failed_shutdowns_are_two(read_bytes: ReadBytes) -> None:
    failed = palisade_event("Shutdown bypassed: still up")
    run = only_run(read_bytes(jsonl(palisade_decision("shell"), failed, failed)))
    assert [step.kind for step in run.steps if isinstance(step, ControlEvent)] == ["shutdown_failed"] * 2


def test_an_error_of_the_harness_is_a_control_event(read_bytes: ReadBytes) -> None:
    run = only_run(read_bytes(jsonl(palisade_event("Unexpected error: BadGateway", level="ERROR"))))
    (event,) = run.steps
    assert isinstance(event, ControlEvent)
    assert (event.kind, event.line) == ("error", 1)


def test_a_call_that_was_never_carried_out_does_not_take_a_later_result(read_bytes: ReadBytes) -> None:
    records = [
        palisade_decision("shell", cmd="one"),
        palisade_decision("shell", cmd="two"),
        palisade_call("shell", "2", cmd="two"),
        palisade_call("shell", "3", cmd="three", thoughts="Unasked."),
    ]
    run = only_run(read_bytes(jsonl(*records)))
    assert [(action.arguments["cmd"], action.result) for action in run.actions] == [
        ("one", None),
        ("two", "2"),
        ("three", "3"),
    ]
    assert run.actions[2].reasoning == "Unasked."


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (b'{"ts": "x", "lev', "expected JSON"),
        (b"\xff\xfe", "expected UTF-8, found the byte 0xff"),
        (b"[1, 2]", "expected a JSON object, found list"),
        (b'{"a":' * 5000, "nested too deeply"),
    ],
)
def test_a_broken_line_costs_one_line(read_bytes: ReadBytes, broken: bytes, reason: str) -> None:
    lines = RUN.splitlines(keepends=True)
    readings = read_bytes(b"".join([*lines[:5], broken + b"\n", *lines[5:]]))
    (entry,) = unreadable(readings)
    assert entry.line == 6
    assert reason in entry.reason
    assert len(only_run([reading for reading in readings if reading is not entry]).actions) == 3
