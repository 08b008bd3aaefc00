"""FastAPI gives each request agents of its own: ``Depends`` on the factory they move into."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from callscope.fixes import Safety
from callscope.fixes._folding import folded
from tests.fixes.tools import assert_project_fixed, fixed, offers, project_fixes

HEAD = """
from autogen import Agent, AssistantAgent
from fastapi import FastAPI

app = FastAPI()
"""
BOT = 'AssistantAgent("bot", llm_config=False)\n'
NOTE = """

def note(recipient, messages=None, sender=None, config=None):
    return False, None


"""
REGISTER = "bot.register_reply([Agent, None], note)\n"
REPLY = 'return {"reply": bot.generate_reply([{"role": "user", "content": q}])}\n'
GUARD = (
    f'\n\nif __name__ == "__main__":\n    {REGISTER}    import uvicorn\n\n    uvicorn.run(app)\n'
)
LEFT = '\n\nif __name__ == "__main__":\n    import uvicorn\n\n    uvicorn.run(app)\n'
TITLE = (
    "Move `bot` and its registration into `build_bot()`: FastAPI calls it for each request, "
    "`Depends(build_bot)` (fresh chat history per request)"
)


def factory(returns: str = "") -> str:
    return f"def build_bot(){returns}:\n    bot = {BOT}    {REGISTER}    return bot\n\n\n"


def test_a_handler_gets_the_agent_as_a_parameter() -> None:
    fixed(
        f'{HEAD}bot = {BOT}{NOTE}@app.get("/ask")\ndef ask(q):\n    """Answer."""\n    {REPLY}{GUARD}',
        f"{HEAD.replace('FastAPI', 'Depends, FastAPI', 1)}\n\n{factory()}{NOTE.lstrip()}"
        f'@app.get("/ask")\ndef ask(q, bot=Depends(build_bot)):\n    """Answer."""\n    {REPLY}{LEFT}',
        "CB102",
        title=TITLE,
        safety=Safety.UNSAFE,
    )


def test_a_handler_that_annotates_and_one_without_parameters() -> None:
    ping = '@app.get("/ping")\nasync def ping():\n    return {"name": bot.name}\n'
    ask = f'@app.get("/ask")\ndef ask(q: str = "hi") -> dict:\n    {REPLY}\n\n'
    note = "bot: AssistantAgent = Depends(build_bot)"
    fixed(
        f"{HEAD}bot = {BOT}{NOTE}{ask}{ping}{GUARD}",
        f"{HEAD.replace('FastAPI', 'Depends, FastAPI', 1)}\n\n{factory(' -> AssistantAgent')}{NOTE.lstrip()}"
        + ask.replace('"hi"', f'"hi", {note}')
        + ping.replace("ping()", "ping(bot=Depends(build_bot))")
        + LEFT,
        "CB102",
        title="Depends(build_bot)",
    )


@pytest.mark.parametrize(
    ("handler", "why"),
    [
        ('@app.get("/ask")\ndef ask(*, q):\n    {}', "it has no place for a positional one"),
        ('@app.get("/ask")\ndef ask(q):\n    {}\n\ndef again():\n    return ask("a")\n', "called"),
    ],
)
def test_handlers_that_are_left_alone(handler: str, why: str) -> None:
    text = f"{HEAD}bot = {BOT}{NOTE}{handler.format(REPLY)}{GUARD}"
    titles = offers(text, "CB102")
    assert any("build_bot" in title for title in titles), why
    assert not any("Depends" in title for title in titles), why


def test_a_factory_below_the_handler_is_not_there_yet() -> None:
    text = f'{HEAD}{NOTE}@app.get("/ask")\ndef ask(q):\n    {REPLY}\n\nbot = {BOT}{GUARD}'
    titles = offers(text, "CB102")
    assert any("build_bot" in title for title in titles)
    assert not any("Depends" in title for title in titles)


def test_other_frameworks_have_no_depends() -> None:
    text = f'{HEAD}bot = {BOT}{NOTE}@app.get("/ask")\ndef ask():\n    q = ""\n    {REPLY}{GUARD}'
    flask = text.replace("fastapi", "flask").replace("FastAPI()", "Flask(__name__)")
    flask = flask.replace("FastAPI", "Flask").replace("uvicorn.run(app)", "app.run()")
    assert not any("Depends" in title for title in offers(flask, "CB102"))


PAIR = {
    "team.py": """
        from autogen import AssistantAgent, UserProxyAgent

        user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
        bot = AssistantAgent("bot", llm_config=False)
        """,
    "api.py": """
        from fastapi import APIRouter

        from team import bot, user

        router = APIRouter()


        @router.post("/ask")
        def ask(text: str):
            chat = user.initiate_chat(bot, message=text, max_turns=1)
            return {"reply": chat.summary}
        """,
}


def test_a_pair_across_files(tmp_path: Path) -> None:
    assert_project_fixed(
        tmp_path,
        PAIR,
        {
            "team.py": """
                from autogen import AssistantAgent, UserProxyAgent


                def build_agents():
                    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
                    bot = AssistantAgent("bot", llm_config=False)
                    return user, bot
                """,
            "api.py": """
                from fastapi import APIRouter, Depends

                from team import build_agents

                router = APIRouter()


                @router.post("/ask")
                def ask(text: str, agents=Depends(build_agents)):
                    user, bot = agents
                    chat = user.initiate_chat(bot, message=text, max_turns=1)
                    return {"reply": chat.summary}
                """,
        },
        ("api.py", "CB101"),
        "Move `user` and `bot` into `build_agents()` and change api.py: FastAPI calls it for each "
        "request, `Depends(build_agents)` (fresh chat history per request)",
    )


def test_a_head_that_gets_too_long_is_folded(tmp_path: Path) -> None:
    long = "ask(text: str, language: str = 'en', tone: str = 'polite', words: int = 200)"
    files = {**PAIR, "api.py": PAIR["api.py"].replace("ask(text: str)", long)}
    found = project_fixes(tmp_path, files, "api.py", "CB101")
    text = next(files["api.py"] for title, files in found.items() if "Depends" in title)
    rows = ["text: str", "language: str = 'en'", "tone: str = 'polite'", "words: int = 200"]
    rows.append("agents=Depends(build_agents)")
    assert "def ask(\n" + "".join(f"    {row},\n" for row in rows) + "):\n" in text


WIDE = "x = 1  # " + "-" * 70 + "\n"


@pytest.mark.parametrize(
    ("line", "rows"),
    [
        (
            "    call(aaaaaaaaaaaaaaaaaaaa, bbbbbbbbbbbbbbbbbbbbbb, cccccccccccccccccccccccc, ddddddd)",
            [
                "    call(",
                "        aaaaaaaaaaaaaaaaaaaa, bbbbbbbbbbbbbbbbbbbbbb, cccccccccccccccccccccccc, ddddddd",
                "    )",
            ],
        ),
        (
            "    value = call(aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa, key=[bbbbbbbbbbbb, cccccccccccccc], d={1: 2}, "
            "eeeeeeeeeeeeee=2)",
            [
                "    value = call(",
                "        aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa,",
                "        key=[bbbbbbbbbbbb, cccccccccccccc],",
                "        d={1: 2},",
                "        eeeeeeeeeeeeee=2,",
                "    )",
            ],
        ),
    ],
)
def test_long_lines_are_folded_as_formatters_do(line: str, rows: list[str]) -> None:
    def text(body: list[str]) -> str:
        return "\n".join(["def f():", *body, ""])

    assert folded("", text([line]), "    ", "\n") == text(rows)
    assert folded(text([line]), text([line]), "    ", "\n") == text([line]), "it was as long before"


@pytest.mark.parametrize(
    "line",
    [
        "total = (aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa + bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb + ccccccccccccccccccc)",
        "total = sum(aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa for aaaaaaaaaaaaaaaaaaaaaaaaaa in bbbbbbbbbbbbbbb)",
        "table = values[aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa, bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb, ccccccccccc]",
        "call(aaaaaaaaaaaaaaaaaaaaaaaa, bbbbbbbbbbbbbbbbbbbbbbbbb, ccccccccccccccccccccccc)  # why it is so",
        "text = 'a (long, long) string that reaches beyond what is thought to be a good width of a line (so)'",
    ],
)
def test_lines_that_are_left_as_they_are(line: str) -> None:
    assert folded("", f"{line}\n", "    ", "\n") == f"{line}\n"


def test_folding_keeps_line_ends_and_meaning() -> None:
    line = "call(aaaaaaaaaaaaaaaaaaaaaaaaaaaa, bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb, ccccccccccccccccccc, *rest)"
    text = f"x = 1\r\n{line}\r\ny = '''\r\n{line}\r\n'''"
    done = folded("", text, "  ", "\r\n")
    assert done.count("\r\n") == done.count("\n") > text.count("\n")
    assert ast.dump(ast.parse(done)) == ast.dump(ast.parse(text))
