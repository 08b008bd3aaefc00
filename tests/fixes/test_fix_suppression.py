from __future__ import annotations

import pytest

from callscope.fixes import Safety
from tests.fixes.tools import fixed, offers

HEAD = """
from autogen import Agent, AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
"""
BROKEN = "bot.register_reply([Agent, None], lambda message: (False, None))"


@pytest.mark.parametrize(
    ("before", "after", "title"),
    [
        ("x = 1  # callscope: ignore\n", "x = 1\n", "Remove the comment"),
        ("x = 1  # callscope: ignore[CB201]\n", "x = 1\n", "Remove the comment"),
        ("# callscope: ignore[CB201] -- why\nx = 1\n", "x = 1\n", "Remove the comment"),
        (
            f"{BROKEN}  # callscope: ignore[CB201, CB401]\n",
            f"{BROKEN}  # callscope: ignore[CB201]\n",
            "Remove CB401 from the comment",
        ),
        (
            f"{BROKEN}  # callscope: ignore[CB401,CB201] -- why\n",
            f"{BROKEN}  # callscope: ignore[CB201] -- why\n",
            "Remove CB401 from the comment",
        ),
        (
            "if bot:\n    # callscope: ignore\n    pass\n",
            "if bot:\n    pass\n",
            "Remove the comment",
        ),
        ("# callscope: ignore-file\nx = 1\n", "x = 1\n", "Remove the comment"),
    ],
)
def test_what_is_idle_goes(before: str, after: str, title: str) -> None:
    fix = fixed(HEAD + before, HEAD + after, "CB902", safety=Safety.SAFE)
    assert fix.title == title


def test_a_comment_in_use_is_no_finding() -> None:
    with pytest.raises(AssertionError, match="no CB902"):
        offers(f"{HEAD}{BROKEN}  # callscope: ignore[CB201]\n", "CB902")
