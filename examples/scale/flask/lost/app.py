"""The page of a bakery.

    flask run
"""

import os

from autogen import Agent
from flask import Flask, jsonify, request

from baker import baker
from orders import write_down

app = Flask(__name__)


@app.get("/ask")
def ask():
    baker.register_reply([Agent, None], write_down)
    order = request.args["q"]
    reply = baker.generate_reply(messages=[{"role": "user", "content": order}])
    return jsonify(worker=os.getpid(), reply=reply)
