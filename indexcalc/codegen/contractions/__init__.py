"""Contractions: in which order, in which way NumPy computes each, and how that is written."""
