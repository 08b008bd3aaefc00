"""What the desk may not decide."""

import os

from autogen import Agent

from support.desk import desk


def refunds_need_a_person(recipient, messages=None, sender=None, config=None):
    """Money is only given back by people."""
    if "refund" not in messages[-1]["content"]:
        return False, None
    print(f"[audit] {os.getpid()} passed a ticket on", flush=True)
    return True, "A colleague will call you."


desk.register_reply([Agent, None], refunds_need_a_person)
