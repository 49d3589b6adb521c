"""Loops over blocks of rows: what can be in one, what its arrays share, and whether it pays."""
