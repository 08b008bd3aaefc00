"""Questions from the help page, answered by an agent behind FastAPI.

    uvicorn app:app --workers 4
"""

from autogen import Agent, ConversableAgent
from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI(title="Help desk")

helper = ConversableAgent(
    "helper",
    system_message="Answer from the manual, in two sentences.",
    llm_config=False,
    human_input_mode="NEVER",
    default_auto_reply="Have a look at chapter 3 of the manual.",
)
visitor = ConversableAgent("visitor", llm_config=False, human_input_mode="NEVER")


class Question(BaseModel):
    user: str
    text: str


@app.post("/ask")
def ask(question: Question) -> dict[str, str]:
    def log_for_user(recipient, messages=None, sender=None, config=None):
        print(f"[audit] {question.user}: {messages[-1]['content']}", flush=True)
        return False, None

    # The log needs to know who asks, so it is registered for each request.
    helper.register_reply([Agent, None], log_for_user)

    chat = visitor.initiate_chat(helper, message=question.text, max_turns=1, silent=True)
    return {"answer": str(chat.chat_history[-1]["content"])}
