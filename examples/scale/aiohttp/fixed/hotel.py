"""The hotel's page.

    gunicorn --workers 2 --worker-class aiohttp.GunicornWebWorker hotel:app
"""

import os

from aiohttp import web
from autogen import Agent

from porter import porter
from privacy import protect_guests


async def ask(request: web.Request) -> web.Response:
    question = request.query["q"]
    reply = await porter.a_generate_reply(messages=[{"role": "user", "content": question}])
    return web.json_response({"worker": os.getpid(), "reply": reply})


async def set_up(app: web.Application) -> None:
    # Runs once in each worker.
    porter.register_reply([Agent, None], protect_guests)


app = web.Application()
app.on_startup.append(set_up)
app.add_routes([web.get("/ask", ask)])

if __name__ == "__main__":
    web.run_app(app, port=8000)
