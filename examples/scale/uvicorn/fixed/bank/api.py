"""The bank's page.

    python -m bank.api
"""

import os
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI

from bank.clerk import clerk
from bank.secrets import hide_pins


@asynccontextmanager
async def lifespan(app: FastAPI):
    # Runs once in each worker.
    clerk.register_hook("process_last_received_message", hide_pins)
    yield


app = FastAPI(title="The bank's assistant", lifespan=lifespan)


@app.get("/ask")
def ask(q: str) -> dict:
    reply = clerk.generate_reply(messages=[{"role": "user", "content": q}])
    return {"worker": os.getpid(), "reply": reply}


if __name__ == "__main__":
    port = int(os.environ.get("PORT", "8000"))
    uvicorn.run("bank.api:app", port=port, workers=2)
