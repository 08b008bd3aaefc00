"""The museum's page.

    python museum.py
"""

import os

from autogen import Agent
from sanic import HTTPResponse, Request, Sanic, json

from guide import guide
from prices import no_prices

app = Sanic("museum")
guide.register_reply([Agent, None], no_prices)


@app.get("/ask")
async def ask(request: Request) -> HTTPResponse:
    question = request.args.get("q")
    reply = await guide.a_generate_reply(messages=[{"role": "user", "content": question}])
    return json({"worker": os.getpid(), "reply": reply})


if __name__ == "__main__":
    app.run(port=int(os.environ.get("PORT", "8000")), workers=2)
