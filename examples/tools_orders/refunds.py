"""The shop's assistant grants small refunds with a tool.

    python refunds.py
"""

from typing import Annotated

from autogen import AssistantAgent, UserProxyAgent, register_function
from scripted_model import ScriptedModel, scripted

assistant = AssistantAgent("assistant", llm_config=scripted("refund", order_id="A-1051"))
cashier = UserProxyAgent(
    "cashier",
    human_input_mode="NEVER",
    code_execution_config=False,
    is_termination_msg=lambda message: "TERMINATE" in str(message.get("content")),
)


def refund(order_id: Annotated[str, "the order's number"]) -> str:
    print(f"[audit] order {order_id} was refunded", flush=True)
    return f"{order_id} is refunded"


register_function(
    refund,
    caller=cashier,
    executor=assistant,
    name="refund",
    description="Pay an order's price back.",
)
assistant.register_model_client(ScriptedModel)


def ask(question: str) -> str:
    chat = cashier.initiate_chat(assistant, message=question, max_turns=3, silent=True)
    return str(chat.chat_history[-1]["content"])


if __name__ == "__main__":
    print(ask("Please refund order A-1051"))
