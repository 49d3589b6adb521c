"""Mistakes planted in the kernels, a table for each of their files."""
