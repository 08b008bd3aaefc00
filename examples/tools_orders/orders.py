"""The shop's assistant looks up orders with a tool.

    python orders.py
"""

from typing import Annotated

from autogen import AssistantAgent, UserProxyAgent
from scripted_model import ScriptedModel, scripted

ORDERS = {"A-1044": "left the warehouse on Monday", "A-1051": "waits for payment"}

assistant = AssistantAgent("assistant", llm_config=scripted("order_status", order_id="A-1044"))
clerk = UserProxyAgent(
    "clerk",
    human_input_mode="NEVER",
    code_execution_config=False,
    is_termination_msg=lambda message: "TERMINATE" in str(message.get("content")),
)


@assistant.register_for_llm(description="Where an order is.")
def order_status(order_id: Annotated[str, "the order's number"]) -> str:
    print(f"[audit] order {order_id} was looked up", flush=True)
    return ORDERS.get(order_id, "is not known")


assistant.register_model_client(ScriptedModel)


def ask(question: str) -> str:
    chat = clerk.initiate_chat(assistant, message=question, max_turns=3, silent=True)
    return str(chat.chat_history[-1]["content"])


if __name__ == "__main__":
    print(ask("Where is my order A-1044?"))
