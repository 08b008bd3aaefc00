"""The page of a clinic."""
