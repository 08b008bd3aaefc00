"""The library's page.

    gunicorn --workers 2 'app:create_app()'
"""

import os

from autogen import Agent
from flask import Flask, jsonify, request

from librarian import librarian
from minors import ask_a_colleague


def create_app() -> Flask:
    librarian.register_reply([Agent, None], ask_a_colleague)
    app = Flask(__name__)

    @app.get("/ask")
    def ask():
        question = request.args["q"]
        reply = librarian.generate_reply(messages=[{"role": "user", "content": question}])
        return jsonify(worker=os.getpid(), reply=reply)

    return app


if __name__ == "__main__":
    create_app().run(debug=True)
