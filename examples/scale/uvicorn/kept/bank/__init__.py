"""An assistant in the bank's web page."""
