"""Fuzzing of the whole engine: random programs, their gradients held against other accounts.

`programs` draws a program from a number, `points` an input for it, `meaning` says what it computes
in NumPy and in torch, `checks` asks everything of a program, of which `comparing` holds results
against that meaning, and `shrink` makes a failing program small.
`python -m tests.fuzz --minutes 5` goes on for as long as it is told to.
"""
