"""The bank's page.

    python -m bank.api
"""

import os

import uvicorn
from fastapi import FastAPI

from bank.clerk import clerk
from bank.secrets import hide_pins

app = FastAPI(title="The bank's assistant")


@app.get("/ask")
def ask(q: str) -> dict:
    reply = clerk.generate_reply(messages=[{"role": "user", "content": q}])
    return {"worker": os.getpid(), "reply": reply}


if __name__ == "__main__":
    clerk.register_hook("process_last_received_message", hide_pins)
    port = int(os.environ.get("PORT", "8000"))
    uvicorn.run("bank.api:app", port=port, workers=2)
