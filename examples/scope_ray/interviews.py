"""Summaries of customer interviews, made on a Ray cluster.

    python interviews.py
"""

import ray
from autogen import Agent, ConversableAgent

INTERVIEWS = [
    "We like the reports. Setting up single sign-on took us two weeks.",
    "Your support is quick. The mobile app loses my drafts.",
    "I would pay more if invoices came as one file a month.",
]

transcript: list[str] = []


def keep_for_research(recipient, messages=None, sender=None, config=None):
    """The research team reads what went into each summary."""
    print(f"[audit] {messages[-1]['content'][:40]}", flush=True)
    transcript.append(messages[-1]["content"])
    return False, None


@ray.remote
def summarise(interview: str) -> str:
    writer = ConversableAgent(
        "writer",
        llm_config=False,
        human_input_mode="NEVER",
        default_auto_reply="One thing works well, one thing does not.",
    )
    writer.register_reply([Agent, None], keep_for_research)
    return str(writer.generate_reply(messages=[{"role": "user", "content": interview}]))


if __name__ == "__main__":
    ray.init()
    for summary in ray.get([summarise.remote(interview) for interview in INTERVIEWS]):
        print(summary)
    print(f"{len(transcript)} interviews kept for research")
