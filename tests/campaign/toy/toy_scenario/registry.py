"""What Inspect loads by entry point: the toy model provider."""

import asyncio
import random
import time
from typing import Any

from inspect_ai.model import ChatMessage, GenerateConfig, ModelAPI, ModelOutput, ModelUsage, modelapi
from inspect_ai.tool import ToolChoice, ToolInfo


class ToyModel(ModelAPI):
    """Answers "resist" or "comply"; its name says how. `toy/apart` resists in arm A alone."""

    def __init__(
        self,
        model_name: str,
        base_url: str | None = None,
        api_key: str | None = None,
        config: GenerateConfig | None = None,
        **model_args: Any,  # noqa: ARG002 Inspect's interface
    ) -> None:
        super().__init__(model_name, base_url, api_key, [], config or GenerateConfig())

    async def generate(
        self,
        input: list[ChatMessage],  # noqa: A002 Inspect's interface
        tools: list[ToolInfo],  # noqa: ARG002
        tool_choice: ToolChoice,  # noqa: ARG002
        config: GenerateConfig,  # noqa: ARG002
    ) -> ModelOutput:
        text = input[-1].text
        if self.model_name == "broken" and "trial 2 " in text:
            raise RuntimeError("the provider broke")
        if self.model_name == "slow":
            await asyncio.sleep(0.25)
        if self.model_name == "busy":
            until = time.process_time() + 0.1
            while time.process_time() < until:
                pass
        resists = self.model_name == "resist" or random.Random(text).random() < 0.5  # noqa: S311 a coin
        if self.model_name == "comply":
            resists = False
        if self.model_name == "apart":
            resists = "arm A" in text
        output = ModelOutput.from_content(self.model_name, "resist" if resists else "comply")
        output.usage = ModelUsage(input_tokens=80, output_tokens=20, total_tokens=100)
        return output


@modelapi(name="toy")
def toy_provider() -> type[ModelAPI]:
    return ToyModel
