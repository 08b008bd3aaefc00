from __future__ import annotations

from pathlib import Path

import pytest

from callscope.check import refactorings_at
from callscope.fixes import Fix, apply_edits
from callscope.source import Position, Range, SourceText
from tests.fixes.tools import program, report

BEFORE = program(
    '''
    """Chats."""
    from __future__ import annotations

    import autogen

    bot = autogen.AssistantAgent("bot", llm_config=False)
    user = autogen.UserProxyAgent("user", code_execution_config=False)


    def on_reply(recipient, messages=None, sender=None, config=None):
        """Says nothing."""

        # really nothing
        return False, None


    def chat(text):
        if text:
            # once
            user.initiate_chat(bot, message=text)
        return bot.last_message(user)


    bot.register_reply([autogen.Agent, None], on_reply)
    chat("hi")
    '''
)
AFTER = program(
    '''
    """Chats."""
    from __future__ import annotations

    import os  # callscope: trace
    import autogen

    bot = autogen.AssistantAgent("bot", llm_config=False)
    user = autogen.UserProxyAgent("user", code_execution_config=False)


    def on_reply(recipient, messages=None, sender=None, config=None):
        """Says nothing."""
        print(f"[trace] on_reply: fired, process {os.getpid()}", flush=True)  # callscope: trace on_reply

        # really nothing
        return False, None


    def chat(text):
        if text:
            # once
            print(f"[trace] on_reply: before user.initiate_chat, process {os.getpid()}", flush=True)  # callscope: trace on_reply
            user.initiate_chat(bot, message=text)
        return bot.last_message(user)


    bot.register_reply([autogen.Agent, None], on_reply)
    print(f"[trace] on_reply: registered on bot, process {os.getpid()}", flush=True)  # callscope: trace on_reply
    chat("hi")
    '''
)
STYLES = {
    "unix": lambda text: text,
    "windows": lambda text: text.replace("\n", "\r\n"),
    "tabs": lambda text: text.replace("    ", "\t"),
    "no last line end": lambda text: text.rstrip("\n"),
}


def at(text: str, place: str) -> list[Fix]:
    """What is offered on the line where ``place`` first stands."""
    before = text[: text.index(place)].replace("\r\n", "\n")
    position = Position(before.count("\n"), 0)
    return refactorings_at(report(text), Range(position, position))


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("place", ["def on_reply", "bot.register_reply"])
def test_traced_and_back(style: str, place: str) -> None:
    before, after = STYLES[style](BEFORE), STYLES[style](AFTER)
    (trace,) = at(before, place)
    assert trace.title == "Trace `on_reply`: print where it is registered, run and fired"
    assert trace.new_text == after
    assert apply_edits(SourceText(Path("x.py"), before), trace.edits) == after
    (back,) = at(after, place)
    assert back.title == "Remove the tracing of `on_reply`"
    assert back.new_text == before


@pytest.mark.parametrize("place", ["import autogen", "user =", "return bot"])
def test_nothing_elsewhere(place: str) -> None:
    assert at(BEFORE, place) == []


def test_os_as_it_is_imported_and_kept_if_used() -> None:
    text = BEFORE.replace("import autogen\n", "import os as system\nimport autogen\n", 1)
    (trace,) = at(text, "def on_reply")
    assert "{system.getpid()}" in trace.new_text
    assert "# callscope: trace\n" not in trace.new_text
    (trace,) = at(BEFORE, "def on_reply")
    used = trace.new_text + "print(os.sep)\n"
    (back,) = at(used, "def on_reply")
    assert "import os" in back.new_text


def test_a_module_that_logs_gets_logs() -> None:
    text = BEFORE.replace(
        "import autogen\n",
        "import logging\nimport autogen\n\nlog = logging.getLogger(__name__)\n",
        1,
    )
    (trace,) = at(text, "def on_reply")
    assert trace.title == "Trace `on_reply`: log where it is registered, run and fired"
    assert '    log.info("on_reply: fired, process %s", os.getpid())' in trace.new_text


def test_two_callbacks_are_traced_apart() -> None:
    text = program(
        """
        import autogen
        class Bot(autogen.ConversableAgent):
            def __init__(self):
                super().__init__("bot", llm_config=False)
                self.register_hook("process_last_received_message", self.mask)
                self.register_reply([autogen.Agent, None], Bot.answer)
            def mask(self, content):
                return content
            def answer(self, messages=None, sender=None, config=None):
                return True, "ok"
        """
    )
    (one,) = at(text, "def mask")
    assert "Bot.mask" in one.title
    (two,) = at(one.new_text, "def answer")
    (back,) = at(two.new_text, "def mask")
    (rest,) = at(back.new_text, "def answer")
    assert rest.title == "Remove the tracing of `Bot.answer`"
    assert rest.new_text == text


def test_a_tool_is_traced_at_its_decorator() -> None:
    text = program(
        """
        import autogen
        bot = autogen.AssistantAgent("bot", llm_config=False)
        @bot.register_for_execution()
        def add(a: int) -> int:
            return a
        """
    )
    (trace,) = at(text, "@bot")
    assert trace.new_text.index("return a") < trace.new_text.index("registered on bot")


@pytest.mark.parametrize(
    "callback",
    ["def mask(content): return content", "mask = lambda content: content"],
    ids=["on one line", "a lambda"],
)
def test_where_no_line_can_be_put_in_nothing_is_offered(callback: str) -> None:
    text = program(
        f"""
        import autogen
        bot = autogen.AssistantAgent("bot", llm_config=False)
        {callback}
        bot.register_hook("process_last_received_message", mask)
        """
    )
    assert at(text, "bot.register_hook") == []


def test_os_imported_in_a_function_only() -> None:
    text = BEFORE.replace("    if text:\n", "    import os\n\n    if text and os.sep:\n")
    (trace,) = at(text, "def on_reply")
    assert "import os as _os  # callscope: trace\n" in trace.new_text
    assert "{_os.getpid()}" in trace.new_text
    (back,) = at(trace.new_text, "def on_reply")
    assert back.new_text == text
