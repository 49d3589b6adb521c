"""Proof: gradients against an account of the same function that shares nothing with them."""
