"""What an agent holds before anything is registered on it, and what its methods use."""

from __future__ import annotations

from callscope.contracts.classic import callbacks, dispatch
from callscope.contracts.classic.classes import AGENT_CLASSES
from tests.contracts.facts import Surface


def test_hooks(real: Surface) -> None:
    assert set(callbacks.hook_names(real.release)) == set(real.hooks)
    assert callbacks.hooks_exist(real.release)


def test_sets_of_hooks_are_hooks() -> None:
    named = {*dispatch.REPLY_HOOKS, *dispatch.LAST_MESSAGE_HOOKS, *dispatch.SEND_HOOKS}
    named.update(callbacks.VALUE_IGNORED, callbacks.CAPABILITY_HOOKS.values())
    assert named <= set(callbacks.HOOKS)


def test_builtin_replies(real: Surface) -> None:
    assert set(real.replies("UserProxyAgent")) == dispatch.BUILTIN_REPLIES
    extra = set(real.replies("GroupChatManager")) - dispatch.BUILTIN_REPLIES
    assert extra == dispatch.MANAGER_REPLIES


def test_oai_reply_is_called_in_async_chats(real: Surface) -> None:
    for name in dispatch.CALLED_IN_ASYNC_CHATS:
        assert name in real.methods()[f"a_{name}"]["uses"]


def test_classes_that_call_their_oai_reply(real: Surface) -> None:
    found = real.calling_themselves("generate_oai_reply") & set(AGENT_CLASSES)
    held = {path.removeprefix("autogen.") for path in dispatch.CALLS_ITS_OAI_REPLY}
    assert found - {"ConversableAgent"} == {name for name in held if real.bases(name)}


def test_async_chats_ask_the_sync_human_input(real: Surface) -> None:
    asked = "get_human_input" in real.methods()["a_get_human_input"]["uses"]
    assert asked == (real.release in dispatch.ASYNC_ASKS_SYNC_HUMAN_INPUT)


def test_async_chats_skip_twins(real: Surface) -> None:
    skips = "_get_sync_funcs_to_skip_in_async_chat" in real.methods()
    assert skips == (real.release in dispatch.ASYNC_CHATS_SKIP_TWINS)
