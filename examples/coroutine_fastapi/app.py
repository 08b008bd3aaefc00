"""Chat in the shop's web page, answered by an agent behind an asynchronous FastAPI.

    uvicorn app:app
"""

from autogen import Agent, ConversableAgent
from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI(title="Shop assistant")


class Message(BaseModel):
    text: str


def notify_staff(recipient, messages=None, sender=None, config=None):
    """A person looks over the assistant's shoulder."""
    print(f"[audit] {recipient.name} was asked: {messages[-1]['content']}", flush=True)
    return False, None


def build_assistant() -> ConversableAgent:
    assistant = ConversableAgent(
        "assistant",
        system_message="Help with orders and returns. Promise nothing.",
        llm_config=False,
        human_input_mode="NEVER",
        default_auto_reply="You can return it within 30 days.",
    )
    assistant.register_reply([Agent, None], notify_staff)
    return assistant


@app.post("/chat")
async def chat(message: Message) -> dict[str, str]:
    assistant = build_assistant()
    reply = assistant.a_generate_reply(messages=[{"role": "user", "content": message.text}])
    return {"reply": str(reply)}


@app.post("/conversation")
async def conversation(message: Message) -> dict[str, str]:
    assistant = build_assistant()
    customer = ConversableAgent("customer", llm_config=False, human_input_mode="NEVER")
    talk = customer.initiate_chat(assistant, message=message.text, max_turns=1, silent=True)
    return {"reply": str(talk.chat_history[-1]["content"])}
