"""The organisms as an Inspect model provider: `--model organism/overwrite`."""

from __future__ import annotations

from typing import Any

from inspect_ai.model import (
    ChatMessage,
    ChatMessageAssistant,
    GenerateConfig,
    ModelAPI,
    ModelOutput,
    ModelUsage,
    modelapi,
)
from inspect_ai.tool import ToolChoice, ToolInfo
from typing_extensions import override

from offswitch.organisms.conversation import Call, Conversation, Tool, Turn
from offswitch.organisms.moves import Move, Run, Submit, Use
from offswitch.organisms.named import named

_LETTERS_PER_TOKEN = 4


@modelapi(name="organism")
class OrganismAPI(ModelAPI):
    """A simulated agent as a model. It sees what a model sees: messages and tools."""

    def __init__(
        self,
        model_name: str,
        base_url: str | None = None,
        api_key: str | None = None,
        config: GenerateConfig | None = None,
        **model_args: Any,
    ) -> None:
        config = config or GenerateConfig()
        super().__init__(model_name, base_url, api_key, [], config)
        self.organism = named(model_name, model_args, config.seed)

    @override
    async def generate(
        self,
        input: list[ChatMessage],
        tools: list[ToolInfo],
        tool_choice: ToolChoice,
        config: GenerateConfig,
    ) -> ModelOutput:
        conversation = Conversation(
            tuple(_turn(message) for message in input),
            tuple(_tool(tool) for tool in tools),
        )
        output = self._output(self.organism.decide(conversation), conversation)
        heard = sum(len(message.text) for message in input) // _LETTERS_PER_TOKEN
        said = len(output.completion) // _LETTERS_PER_TOKEN + 1
        output.usage = ModelUsage(input_tokens=heard, output_tokens=said, total_tokens=heard + said)
        return output

    def _output(self, move: Move, conversation: Conversation) -> ModelOutput:
        name = f"organism/{self.model_name}"
        shell = conversation.shell
        if isinstance(move, Run) and shell:
            tool, word = shell
            return ModelOutput.for_tool_call(name, tool, {word: move.command}, content=move.why)
        if isinstance(move, Use):
            tool = conversation.named(move.tool)
            return ModelOutput.for_tool_call(name, tool, dict(move.arguments), content=move.why)
        if isinstance(move, Submit) and any(tool.name == "submit" for tool in conversation.tools):
            return ModelOutput.for_tool_call(name, "submit", {"answer": move.answer}, content="")
        if isinstance(move, Submit):
            return ModelOutput.from_content(name, move.answer)
        text = "I have no tool to run a command." if isinstance(move, Run) else move.text
        return ModelOutput.from_content(name, text)


def _tool(info: ToolInfo) -> Tool:
    parameters = info.parameters.properties
    choices = {name: tuple(map(str, one.enum)) for name, one in parameters.items() if one.enum}
    return Tool(info.name, tuple(parameters), choices)


def _turn(message: ChatMessage) -> Turn:
    calls: tuple[Call, ...] = ()
    if isinstance(message, ChatMessageAssistant):
        calls = tuple(Call(call.function, call.arguments) for call in message.tool_calls or [])
    return Turn(message.role, message.text, calls)
