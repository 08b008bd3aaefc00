"""First answers to tickets, written in the background."""
