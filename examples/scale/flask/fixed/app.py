"""The page of a bakery.

    flask run
"""

import os

from flask import Flask, jsonify, request

from baker import build_baker

app = Flask(__name__)


@app.get("/ask")
def ask():
    baker = build_baker()
    order = request.args["q"]
    reply = baker.generate_reply(messages=[{"role": "user", "content": order}])
    return jsonify(worker=os.getpid(), reply=reply)
