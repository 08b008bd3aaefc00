"""Stands in for a model, so that the shop runs without a key: it asks for one tool, then sums up."""

import json
import uuid
from types import SimpleNamespace
from typing import Any


class ScriptedModel:
    """A model client of AutoGen; which tool to ask for stands in its configuration."""

    def __init__(self, config: dict[str, Any], **kwargs: Any) -> None:
        self.tool = config["tool"]
        self.arguments = config["arguments"]

    def create(self, params: dict[str, Any]) -> SimpleNamespace:
        last = params["messages"][-1]
        if last["role"] == "tool":
            message: Any = f"{last['content']} TERMINATE"
        else:
            function = {"name": self.tool, "arguments": json.dumps(self.arguments)}
            call = {"id": "call_1", "type": "function", "function": function}
            message = {"role": "assistant", "content": None, "tool_calls": [call]}
        choice = SimpleNamespace(message=message)
        return SimpleNamespace(id=uuid.uuid4().hex, choices=[choice], model="scripted", cost=0)

    def message_retrieval(self, response: SimpleNamespace) -> list[Any]:
        return [choice.message for choice in response.choices]

    def cost(self, response: SimpleNamespace) -> float:
        return 0

    @staticmethod
    def get_usage(response: SimpleNamespace) -> dict[str, Any]:
        return {}


def scripted(tool: str, **arguments: str) -> dict[str, Any]:
    """An ``llm_config`` whose model asks for ``tool`` with ``arguments``."""
    entry = {
        "model": "scripted",
        "model_client_cls": "ScriptedModel",
        "tool": tool,
        "arguments": arguments,
    }
    return {"config_list": [entry], "cache_seed": None}
