"""The observatory's page.

    litestar --app observatory:app run --web-concurrency 2
"""

import os

import uvicorn
from autogen import Agent
from litestar import Litestar, get

from astronomer import astronomer
from horoscopes import no_horoscopes


@get("/ask")
async def ask(q: str) -> dict:
    reply = await astronomer.a_generate_reply(messages=[{"role": "user", "content": q}])
    return {"worker": os.getpid(), "reply": reply}


app = Litestar([ask])

if __name__ == "__main__":
    astronomer.register_reply([Agent, None], no_horoscopes)
    uvicorn.run(app, port=8000)
