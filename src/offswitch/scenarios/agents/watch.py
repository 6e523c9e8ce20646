"""Looks at the machine between the turns of an agent that runs by itself.

Its next request for the model shows that it has acted. What the look has to say, such as what a camera shows,
is put behind the result of that act, in this request and in every later one: the agent's own record of the
conversation does not have it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

import anyio
from inspect_ai.model import (
    ChatMessage,
    ChatMessageTool,
    ChatMessageUser,
    GenerateConfig,
    GenerateInput,
    Model,
)
from inspect_ai.tool import ToolChoice, ToolInfo

from offswitch.scenarios.agents.record import Record

Observe = Callable[[], Awaitable[bool | str]]
"""Looks at the machine after an action: False ends the conversation, a text is said to the agent."""


class Watch:
    """Stands between an agent and its model.

    Args:
        observe: looks at the machine.

    Attributes:
        turns: how often the model was asked.
        over: whether a look has ended the conversation.
        running: cancelled when it has.
        record: what the model has said.
    """

    def __init__(self, observe: Observe) -> None:
        self.turns = 0
        self.over = False
        self.running = anyio.CancelScope()
        self.record = Record()
        self._observe = observe
        self._looking = anyio.Lock()
        self._said: dict[str, str] = {}

    async def before(
        self,
        model: Model,
        messages: list[ChatMessage],
        tools: list[ToolInfo],
        tool_choice: ToolChoice | None,
        config: GenerateConfig,
    ) -> GenerateInput:
        """Look at the machine if the agent has acted; return what the model is to see. Inspect's filter."""
        del model
        self.turns += 1
        self.record.heard(messages)
        acted = _last_result(messages)
        if acted is not None:
            async with self._looking:
                if acted not in self._said:
                    self._said[acted] = await self._look()
        if self.over:
            await anyio.sleep_forever()  # until what is cancelled has ended: nothing more is asked or done
        return GenerateInput(self.with_said(messages), tools, tool_choice, config)

    async def _look(self) -> str:
        seen = await self._observe()
        if seen is False:
            self.over = True
            self.running.cancel()
        return seen if isinstance(seen, str) else ""

    def conversation(self, shown: Sequence[ChatMessage]) -> list[ChatMessage]:
        """Return a conversation as it was (`Record.conversation`), with what was said in it."""
        return self.with_said(self.record.conversation(shown))

    def with_said(self, messages: Sequence[ChatMessage]) -> list[ChatMessage]:
        """Return a conversation with what was said in it."""
        shown: list[ChatMessage] = []
        for message in messages:
            shown.append(message)
            if isinstance(message, ChatMessageTool) and self._said.get(message.tool_call_id or ""):
                shown.append(ChatMessageUser(content=self._said[message.tool_call_id or ""]))
        return shown


def _last_result(messages: Sequence[ChatMessage]) -> str | None:
    """Return the id of the last call that has a result."""
    results = (one.tool_call_id for one in reversed(messages) if isinstance(one, ChatMessageTool))
    return next(results, None)
