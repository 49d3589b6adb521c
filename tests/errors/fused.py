"""What the command refuses beside --matrix and --vec."""

from __future__ import annotations

# The command's arguments, and the whole message.
FUSED: list[tuple[str, list[str], str]] = [
    (
        "vec of nothing",
        ["tcl:3", "--vec", "row"],
        """\
error IC205: --vec is for --matrix
hint: write --matrix, and --jacobian for Kronecker products
""",
    ),
    (
        "vec of Jacobians with indices",
        ["tcl:3", "--jacobian", "--vec", "row"],
        """\
error IC205: --vec is for --matrix
hint: write --matrix, and --jacobian for Kronecker products
""",
    ),
    (
        "vec that is neither",
        ["tcl:3", "--matrix", "--vec", "diagonal"],
        """\
error IC205: --vec cannot be diagonal
hint: it is one of column, row
""",
    ),
    (
        "vec misspelt",
        ["tcl:3", "--matrix", "--vec", "columns"],
        """\
error IC205: --vec cannot be columns
hint: did you mean column?
""",
    ),
    (
        "vec of no kind",
        ["tcl:3", "--matrix", "--vec"],
        """\
error IC205: --vec needs HOW
hint: it is one of column, row
""",
    ),
    (
        "vec twice",
        ["tcl:3", "--matrix", "--vec", "row", "--vec=column"],
        """\
error IC205: --vec is given twice
hint: give it once
""",
    ),
    (
        "matrices with sums",
        ["tcl:3", "--jacobian", "--matrix", "--notation", "sum"],
        """\
error IC205: --matrix prints the matrices alone, and --notation has no part in it
hint: leave out --matrix or --notation
""",
    ),
    (
        "Jacobians of vec with a check",
        ["tcl:3", "--jacobian", "--matrix", "--check"],
        """\
error IC205: --check prints the check alone, and --jacobian has no part in it
hint: leave out --check or --jacobian
""",
    ),
    (
        "Jacobians of vec at sizes",
        ["tcl:3", "--jacobian", "--matrix", "--sizes", "i=3"],
        """\
error IC205: --matrix prints the matrices alone, and --sizes has no part in it
hint: leave out --matrix or --sizes
""",
    ),
    (
        "vec of shapes",
        ["tcl:3", "--shapes", "--vec", "row"],
        """\
error IC205: --shapes prints the shapes alone, and --vec has no part in it
hint: leave out --shapes or --vec
""",
    ),
]
