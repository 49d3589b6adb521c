"""Somebody else's gradient against ours: called, compared, and what is wrong with it named."""
