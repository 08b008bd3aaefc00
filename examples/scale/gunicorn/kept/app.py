"""The library's page.

    gunicorn --workers 2 app:app
"""

import os

from autogen import Agent
from flask import Flask, jsonify, request

from librarian import librarian
from minors import ask_a_colleague

app = Flask(__name__)
librarian.register_reply([Agent, None], ask_a_colleague)


@app.get("/ask")
def ask():
    question = request.args["q"]
    reply = librarian.generate_reply(messages=[{"role": "user", "content": question}])
    return jsonify(worker=os.getpid(), reply=reply)


if __name__ == "__main__":
    app.run(debug=True)
