"""Backward functions as people write them, and mistakes as people make them there.

`kernels` has the right functions, a file for each family, and `bugs` a table for each of these
files: the text that was right, and what became of it. `planting` says how both are written down,
`table` has all of them, and `trials` calls them.
"""
