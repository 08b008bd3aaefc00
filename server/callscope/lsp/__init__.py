"""The language server: one file an editor feature, no analysis of its own."""
