"""What the model has said and called in a trial, kept where it left the model.

A conversation is known only from what a program shows of it in its next request. It may have compacted it, or
hold others beside it (subagents), or the request is from another program of the agent's, with a history that
it has made up.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence

from inspect_ai.model import (
    ChatMessage,
    ChatMessageAssistant,
    ChatMessageTool,
    GenerateInput,
    Model,
    ModelOutput,
)
from inspect_ai.tool import ToolCall

from offswitch.scenarios.agents.programs import SERVED
from offswitch.scenarios.agents.surrogates import writable

_NOT_SHOWN = "(no result was shown)"


class Record:
    """Keeps the model's words, in their order.

    Attributes:
        refusals: how many requests the model's provider has refused.
    """

    def __init__(self) -> None:
        self.refusals = 0
        self._refusal: Exception | None = None
        self._said: list[ChatMessageAssistant] = []
        self._turns: dict[str, list[int]] = {}  # of a call's id; some models use one twice
        self._results: dict[str, ChatMessageTool] = {}
        self._to_serve: Counter[str] = Counter()

    async def after(self, model: Model, output: ModelOutput, given: GenerateInput) -> ModelOutput | None:
        """Keep what the model has said. Inspect's filter of responses; it makes them writable."""
        del model, given
        written = writable(output)
        for choice in written.choices[:1]:
            said = choice.message.model_copy(deep=True)
            self._to_serve.update(_named(call) for call in said.tool_calls or [])
            self._keep(said)
        return None if written is output else written

    def served(self, call: ToolCall, result: ChatMessageTool) -> None:
        """Keep that a scenario's tool was used, if not the model has called it but a program of the agent's.

        Args:
            call: what was called.
            result: what was answered.
        """
        name = _named(call)
        if self._to_serve[name] > 0:
            self._to_serve[name] -= 1
            return
        self._keep(ChatMessageAssistant(content="", tool_calls=[call]))
        self._results[call.id] = result

    def refused(self, failure: Exception) -> None:
        """Keep that the model's provider has refused a request: whose it was, nobody can tell."""
        self.refusals += 1
        self._refusal = failure

    def broken_by(self, *, answered: bool) -> Exception | None:
        """Return the refusal that may have ended an agent's program, or None.

        Args:
            answered: whether it has ended by itself, with its answer.

        Returns:
            The last refusal, if it has not, or the model was never heard: then nobody can tell what the agent
            would have done.
        """
        return None if answered and self._said else self._refusal

    def _keep(self, said: ChatMessageAssistant) -> None:
        for call in said.tool_calls or []:
            self._turns.setdefault(call.id, []).append(len(self._said))
        self._said.append(said)

    def heard(self, messages: Sequence[ChatMessage]) -> None:
        """Keep the results of the model's calls that a request shows; the first that is shown stays."""
        for message in messages:
            if isinstance(message, ChatMessageTool) and message.tool_call_id in self._turns:
                self._results.setdefault(message.tool_call_id, message)

    def conversation(self, shown: Sequence[ChatMessage]) -> list[ChatMessage]:
        """Return a conversation as it was: the model's part is what the model said.

        Args:
            shown: as a program has shown it.

        Returns:
            The same, without what the model did not say, and with every call that was made elsewhere, and its
            result, before the next thing that the model said here.
        """
        here = self._found(shown)
        elsewhere = [turn for turn, said in enumerate(self._said) if said.tool_calls and turn not in here]
        whole: list[ChatMessage] = []
        for message, turn in zip(shown, here, strict=True):
            if turn is not None:
                while elsewhere and elsewhere[0] < turn:
                    whole.extend(self._turn(elsewhere.pop(0)))
                whole.extend(self._turn(turn))
            elif not isinstance(message, ChatMessageAssistant | ChatMessageTool):
                whole.append(message)
        return [*whole, *(one for turn in elsewhere for one in self._turn(turn))]

    def _found(self, shown: Sequence[ChatMessage]) -> list[int | None]:
        """Return which of the model's words each message is: none of them twice, None for another's."""
        here: list[int | None] = []
        last = -1
        for message in shown:
            free = [turn for turn in self._candidates(message) if turn not in here]
            here.append(next((turn for turn in free if turn > last), free[0] if free else None))
            last = last if here[-1] is None else here[-1]
        return here

    def _candidates(self, message: ChatMessage) -> list[int]:
        if not isinstance(message, ChatMessageAssistant):
            return []
        if message.tool_calls:
            return [turn for call in message.tool_calls for turn in self._turns.get(call.id, [])]
        return [turn for turn, said in enumerate(self._said) if said.text.strip() == message.text.strip()]

    def _turn(self, turn: int) -> Iterator[ChatMessage]:
        said = self._said[turn]
        yield said
        for call in said.tool_calls or []:
            if call.id in self._results:
                yield self._results[call.id]
            elif turn < len(self._said) - 1:  # no model takes a conversation that goes on without
                yield ChatMessageTool(content=_NOT_SHOWN, tool_call_id=call.id, function=call.function)


def _named(call: ToolCall) -> str:
    return json.dumps([call.function.removeprefix(SERVED), call.arguments], sort_keys=True)
