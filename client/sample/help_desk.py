"""A help desk."""

from autogen import AssistantAgent, UserProxyAgent

support = AssistantAgent("support", llm_config=False)
customer = UserProxyAgent(
    "customer",
    human_input_mode="NEVER",
    code_execution_config=False,
)


def decline_refunds(recipient, messages, sender, config):
    """Answers in place of the model."""
    if "refund" in messages[-1]["content"]:
        return True, "Please call us about refunds."
    return False, None


support.register_reply("costumer", decline_refunds)

customer.initiate_chat(
    support,
    message="I would like a refund.",
    max_turns=1,
)
