"""A page on which neighbours lend each other tools.

    streamlit run page.py
"""

import streamlit as st

from lending import librarian

wish = st.text_input("What do you need?", "a ladder")
reply = librarian.generate_reply(messages=[{"role": "user", "content": wish}])
st.markdown(reply)
