"""A release is planned, tested and signed off by three agents in a group chat.

    python release.py
"""

from autogen import ConversableAgent, GroupChat, GroupChatManager

planner = ConversableAgent(
    "planner",
    llm_config=False,
    human_input_mode="NEVER",
    default_auto_reply="Release 4.2 on Tuesday, with the new checkout.",
)
tester = ConversableAgent(
    "tester",
    llm_config=False,
    human_input_mode="NEVER",
    default_auto_reply="All 212 tests pass.",
)
approver = ConversableAgent(
    "approver",
    llm_config=False,
    human_input_mode="NEVER",
    default_auto_reply="Approved.",
)


def hold_on_fridays(recipient, messages=None, sender=None, config=None):
    """Nothing is released on a Friday, whatever the agents agree on."""
    print(f"[audit] {recipient.name} weighs: {messages[-1]['content']}", flush=True)
    if "Friday" in messages[-1]["content"]:
        return True, "Not on a Friday."
    return False, None


# The approver answers the tester, so this looks right. In a group chat, it is the manager
# that every member hears from.
approver.register_reply([tester], hold_on_fridays)

room = GroupChat(
    agents=[planner, tester, approver],
    messages=[],
    max_round=4,
    speaker_selection_method="round_robin",
)
manager = GroupChatManager(room, llm_config=False)


def plan(request: str) -> str:
    chat = approver.initiate_chat(manager, message=request, silent=True)
    return str(chat.chat_history[-1]["content"])


if __name__ == "__main__":
    print(plan("When can we release the new checkout?"))
