"""What is on the menu today."""
