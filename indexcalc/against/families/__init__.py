"""Kinds of mistakes, a file each: from evidence about a gradient to causes that may explain it."""
