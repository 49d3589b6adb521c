"""Jacobians as objects: kept in factors, multiplied with, and written out only where asked for."""
