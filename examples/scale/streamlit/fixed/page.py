"""A page on which neighbours lend each other tools.

    streamlit run page.py
"""

import streamlit as st
from autogen import ConversableAgent

from lending import build_librarian


@st.cache_resource
def get_librarian() -> ConversableAgent:
    # Runs once, however often the page does.
    return build_librarian()


wish = st.text_input("What do you need?", "a ladder")
librarian = get_librarian()
reply = librarian.generate_reply(messages=[{"role": "user", "content": wish}])
st.markdown(reply)
