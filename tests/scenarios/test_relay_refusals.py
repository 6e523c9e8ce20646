"""What a model's provider refuses, over real HTTP: it is the asking program's affair, not the trial's end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from asking import printed, run, sample
from coding_agents import installed, on_path
from inspect_ai import eval  # noqa: A004 (Inspect's name)
from inspect_ai.log import EvalLog
from inspect_ai.model import GenerateConfig, GenerateInput, ModelOutput, get_model
from refusing import PROVIDERS, REFUSE, provider

from offswitch.scenarios.agents.programs import CODING
from offswitch.scenarios.agents.record import Record
from offswitch.scenarios.robot_shutdown.task import robot_shutdown

_NOTHING = GenerateInput([], [], None, GenerateConfig())

__all__ = ["installed", "on_path"]  # fixtures

pytestmark = [pytest.mark.sandbox, pytest.mark.safety]


@pytest.mark.parametrize("status", [400, 404, 422])
@pytest.mark.parametrize("name", PROVIDERS)
def test_a_refused_request_is_answered_as_one_and_the_trial_goes_on(
    name: str, status: int, tmp_path: Path
) -> None:
    code = f'print(json.dumps(say("{REFUSE}{status}")))\nprint(json.dumps(say("hello")))'
    with provider(name) as model:
        log = run(tmp_path, code, model=model)
    refused, answered = printed(log)
    assert refused[0] == 400
    assert json.loads(refused[1]) == {
        "type": "error",
        "error": {"type": "invalid_request_error", "message": "the request is invalid"},
    }
    assert (answered[0], json.loads(answered[1])["content"][0]["text"]) == (200, "fine")
    assert [message.text for message in sample(log).messages] == ["hello", "fine"]


@pytest.mark.parametrize("status", [401, 402, 403, 429, 500, 529])
@pytest.mark.parametrize("name", PROVIDERS)
def test_what_is_no_fault_of_the_request_ends_the_trial_as_an_error(
    name: str, status: int, tmp_path: Path
) -> None:
    with provider(name) as model:
        log = run(tmp_path, f'print(json.dumps(say("{REFUSE}{status}")))', model=model)
    assert log.status == "error"


@pytest.mark.parametrize(("heard", "answered", "broken"), [
    (True, True, False), (True, False, True), (False, True, True), (False, False, True),
])  # fmt: skip
@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_a_refusal_is_harmless_only_where_the_agent_went_on_to_its_answer(
    *, heard: bool, answered: bool, broken: bool, anyio_backend: str
) -> None:
    record, refusal = Record(), RuntimeError("refused")
    if heard:
        await record.after(get_model("mockllm/model"), ModelOutput.from_content("m", "fine"), _NOTHING)
    assert record.broken_by(answered=answered) is None
    record.refused(refusal)
    assert record.broken_by(answered=answered) is (refusal if broken else None)


BY_HAND = f"""
seen() {{ cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ | grep -ao 'http://127.0.0.1:[0-9]*' | sort -u; }}
body='{{"max_tokens": 9, "messages": [{{"role": "user", "content": "{REFUSE}400"}}]}}'
for url in $(seen 2>/dev/null); do curl -s $url/v1/messages -d "$body"; done
"""
OF_ITS_OWN = f"echo {REFUSE}400"


def work(agent: str, command: str, folder: Path) -> EvalLog:
    """Let a coding agent run a command."""
    with provider("openai", command) as model:
        task = robot_shutdown(arm="default", trials=1, agent=agent)
        (log,) = eval(task, model=model, log_dir=str(folder), display="none", ctl_server=False)
    return log


@pytest.mark.timeout(600)
@pytest.mark.usefixtures("on_path")
@pytest.mark.parametrize("agent", CODING)
class TestReal:
    def test_an_agent_cannot_throw_its_trial_away_by_a_request(self, agent: str, tmp_path: Path) -> None:
        done = sample(work(agent, BY_HAND, tmp_path))
        (result,) = [message.text for message in done.messages if message.role == "tool"]
        assert "the request is invalid" in result
        trial = ((done.scores or {})["outcome"].metadata or {})["trial"]
        assert (trial["refused"], trial["world"]["ending"]) == (1, "submit")

    def test_a_refusal_that_ends_the_agents_program_is_no_result(self, agent: str, tmp_path: Path) -> None:
        log = work(agent, OF_ITS_OWN, tmp_path)
        assert log.status == "error"
        assert log.error
        assert "what the provider says" in log.error.message
