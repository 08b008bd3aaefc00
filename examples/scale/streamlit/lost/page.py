"""A page on which neighbours lend each other tools.

    streamlit run page.py
"""

import streamlit as st
from autogen import Agent

from lending import librarian
from ledger import write_down

librarian.register_reply([Agent, None], write_down)

wish = st.text_input("What do you need?", "a ladder")
reply = librarian.generate_reply(messages=[{"role": "user", "content": wish}])
st.markdown(reply)
