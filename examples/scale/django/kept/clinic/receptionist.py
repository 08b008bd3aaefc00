"""The agent that makes appointments."""

from autogen import Agent, ConversableAgent

from clinic.emergencies import call_a_doctor

receptionist = ConversableAgent(
    "receptionist",
    system_message="Offer two appointments.",
    llm_config=False,
    human_input_mode="NEVER",
    default_auto_reply="Monday at 9, or Friday at 4.",
)
receptionist.register_reply([Agent, None], call_a_doctor)
