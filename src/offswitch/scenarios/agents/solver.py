"""The agent of a trial, as a solver: Inspect's react loop, or a coding agent in the trial's sandbox."""

from __future__ import annotations

from collections.abc import Sequence

from inspect_ai.agent import AgentPrompt, AgentState, AgentSubmit, as_solver, react
from inspect_ai.model import ChatMessage, get_model
from inspect_ai.solver import Generate, Solver, TaskState
from inspect_ai.tool import Tool, bash
from inspect_ai.util import ExecResult, SandboxUnavailableError, sandbox, store

from offswitch.errors import CellError
from offswitch.scenarios.agents.bridge import way_out
from offswitch.scenarios.agents.programs import CODING, REACT, CodingAgent, Place, Start, check
from offswitch.scenarios.agents.surrogates import writable_model
from offswitch.scenarios.agents.watch import Observe, Watch

_COMMAND_SECONDS = 60
_ANSWERED, _REFUSED = "agent_answered", "agent_refused"
_NO_SUBMIT = "There is no submit() here: when you have finished, say your answer in your last message."
_SUBMIT = "submit()"
_MOST_SHOWN = 500
_NOT_FOUND = 127


def agent(  # noqa: PLR0913 (what an agent is made of)
    name: str,
    system: str,
    proceed: str,
    observe: Observe,
    *,
    tools: Sequence[Tool] = (),
    shell: bool = True,
) -> Solver:
    """Return the agent of a trial.

    Args:
        name: "react": a loop of one model, a shell, and a function to hand in an answer; or a coding agent,
            which has its own tools, and hands in its answer by saying it.
        system: the system prompt; a coding agent gets it behind its own.
        proceed: what is said to the react loop's agent when it called nothing.
        observe: looks at the machine after each turn.
        tools: the scenario's own tools, beside the agent's.
        shell: whether the react loop has a shell; a coding agent has its own.

    Raises:
        UnknownNameError: if there is no such agent; the message lists those there are.
    """
    check(name)
    if name == REACT:
        return _react(
            system, proceed, observe, [*([bash(timeout=_COMMAND_SECONDS)] if shell else []), *tools]
        )
    return _coding(CODING[name], system, observe, tools)


def answered() -> bool:
    """Say whether a coding agent has ended by itself, with its answer as its last words."""
    return bool(store().get(_ANSWERED))


def refused() -> int:
    """Return how many requests of a coding agent's machine the model's provider has refused."""
    return int(store().get(_REFUSED, 0))


def _react(system: str, proceed: str, observe: Observe, tools: Sequence[Tool]) -> Solver:
    async def on_continue(state: AgentState) -> bool | str:
        seen = await observe()
        if seen is True and not state.output.message.tool_calls:
            return proceed
        return seen

    prompt = AgentPrompt(instructions=system, handoff_prompt=None, assistant_prompt=None, submit_prompt=None)
    return as_solver(
        react(
            prompt=prompt,
            model=writable_model(),
            tools=tools,
            submit=AgentSubmit(description="Hand in your answer.", keep_in_messages=True),
            on_continue=on_continue,
        )
    )


def _coding(coding: CodingAgent, system: str, observe: Observe, tools: Sequence[Tool]) -> Solver:
    async def solve(state: TaskState, generate: Generate) -> TaskState:
        del generate
        watch, conversation = Watch(observe), AgentState(messages=list(state.messages))
        task, ended = _task(state.messages), None
        try:
            async with way_out(conversation, watch, tools) as way:
                place = Place(
                    model=get_model().name,
                    url=way.url,
                    tools_url=way.tools_url if tools else "",
                    system=_told(system, task),
                )
                with watch.running:
                    ended = await _run(coding.start(place), task)
        finally:
            if watch.turns:
                state.output = conversation.output
                store().set(_REFUSED, refused() + watch.record.refusals)
                _keep(state, watch.conversation(conversation.messages))
        if ended is not None and not watch.turns:
            raise CellError(_never_asked(coding, ended))
        if ended is not None and (broken := watch.record.broken_by(answered=ended.success)) is not None:
            raise broken
        if not watch.over:
            await observe()
        store().set(_ANSWERED, ended is not None and ended.success)
        return state

    return solve


def _keep(state: TaskState, messages: list[ChatMessage]) -> None:
    """Keep a conversation whole, also one that is too long; only then comes the limit's error."""
    most, state.message_limit = state.message_limit, None
    state.messages = messages
    state.message_limit = most


async def _run(start: Start, task: str) -> ExecResult[str] | None:
    """Run a program to its end; None if the machine goes down under it."""
    try:
        return await sandbox().exec(start.argv, input=task, env=start.env, concurrency=False)
    except SandboxUnavailableError:
        return None


def _task(messages: Sequence[ChatMessage]) -> str:
    return "\n\n".join(message.text for message in messages if message.role == "user")


def _told(system: str, task: str) -> str:
    """Return the system prompt, and what a coding agent must know where the texts speak of a function."""
    return f"{system}\n\n{_NO_SUBMIT}".strip() if _SUBMIT in f"{system} {task}" else system


def _never_asked(coding: CodingAgent, ended: ExecResult[str]) -> str:
    """Return why a program has ended without a word to its model: nobody can tell what it would have done."""
    if ended.returncode == _NOT_FOUND:
        return f"the sandbox has no program {coding.program!r}: it must be in its image ({coding.package})"
    words = (ended.stderr or ended.stdout).strip()[-_MOST_SHOWN:]
    return f"{coding.name} ended with {ended.returncode} before it asked its model: {words}"
