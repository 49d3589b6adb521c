"""Values that are refused: of what is written, of what it is a value of, and of its shape."""

from __future__ import annotations

MATVEC = "y[i] = W[i,j]*x[j]"

# The command's arguments, and the whole message.
VALUES: list[tuple[str, list[str], str]] = [
    (
        "a list of numbers and lists",
        [MATVEC, "--values", "W=[[1,2],3],x=[1,2]"],
        """\
error IC603: a number stands beside a list of 2 numbers
  in --values, line 1, column 10:
  W=[[1,2],3],x=[1,2]
           ^
hint: the entries of a list are all numbers, or all lists of one shape
""",
    ),
    (
        "rows of two lengths",
        [MATVEC, "--values", "W=[[1,2],[3]],x=[1,2]"],
        """\
error IC603: a list of 1 number stands beside a list of 2 numbers
  in --values, line 1, column 10:
  W=[[1,2],[3]],x=[1,2]
           ^^^
hint: the entries of a list are all numbers, or all lists of one shape
""",
    ),
    (
        "matrices of two shapes",
        [MATVEC, "--values", "W=[[[1,2]],[[3],[4]]]"],
        """\
error IC603: a list of shape (2, 1) stands beside a list of shape (1, 2)
  in --values, line 1, column 12:
  W=[[[1,2]],[[3],[4]]]
             ^^^^^^^^^
hint: the entries of a list are all numbers, or all lists of one shape
""",
    ),
    (
        "a row for a matrix",
        [MATVEC, "--values", "W=[1,2],x=[1,2]"],
        """\
error IC603: W has 2 axes, and an array with 1 was given
hint: its shape is (I, J)
""",
    ),
    (
        "a length that does not fit another value",
        [MATVEC, "--values", "W=[[1,2],[3,4]],x=[1,2,3]"],
        """\
error IC603: x has length 3 along j, and J is 2
hint: axes with the size J have one length
""",
    ),
    (
        "a length that does not fit the sizes",
        [MATVEC, "--values", "W=[[1,2],[3,4]]", "--sizes", "i=3"],
        """\
error IC603: W has length 2 along i, and I is 3
hint: axes with the size I have one length
""",
    ),
    (
        "a value of nothing",
        [MATVEC, "--values", "W=[[1,2],[3,4]],q=[1,2,3]"],
        """\
error IC602: f takes nothing called q
hint: it takes W, x
""",
    ),
    (
        "a value of what is computed",
        ["q = x + y; f = q*z", "--values", "q=3"],
        """\
error IC602: f takes nothing called q
hint: it takes x, y, z
""",
    ),
    (
        "an upstream gradient of no output",
        ["z = x + y", "--values", "x=1,dl_dq=2"],
        """\
error IC602: f takes nothing called dl_dq
hint: it takes dl_dz
""",
    ),
    (
        "an upstream gradient of another shape",
        [MATVEC, "--values", "W=[[1,2],[3,4]],dl_dy=[1,2,3]"],
        """\
error IC603: dl_dy has the shape (3,), and y has (2,)
hint: give the gradient of the loss by each entry of the output
""",
    ),
    (
        "a value given twice",
        [MATVEC, "--values", "x=[1,2],x=[3,4]"],
        """\
error IC602: x is given twice
  in --values, line 1, column 9:
  x=[1,2],x=[3,4]
          ^
hint: give it once
""",
    ),
    (
        "a size given twice",
        ["y[i,j] = x[i]", "--values", "J=2", "--sizes", "j=2"],
        """\
error IC605: the size J is given twice
hint: give it among the values or among the sizes
""",
    ),
    (
        "a size that is no whole number",
        ["y[i,j] = x[i]", "--values", "J=5/2"],
        """\
error IC604: the size J is a whole number, not 2.5
hint: give an int
""",
    ),
    (
        "a call",
        [MATVEC, "--values", 'x=__import__("os").getcwd()'],
        """\
error IC102: ( does not belong to the language
  in --values, line 1, column 13:
  x=__import__("os").getcwd()
              ^
hint: write lists in [ ]; nothing is worked out but fractions: 1/3
""",
    ),
    (
        "a root",
        [MATVEC, "--values", "x=[1,sqrt(2)]"],
        """\
error IC102: ( does not belong to the language
  in --values, line 1, column 10:
  x=[1,sqrt(2)]
           ^
hint: write lists in [ ]; nothing is worked out but fractions: 1/3
""",
    ),
    (
        "values without a comma",
        [MATVEC, "--values", "x=[1 2]"],
        """\
error IC104: expected a comma, found 2
  in --values, line 1, column 6:
  x=[1 2]
       ^
hint: put a comma between two values
""",
    ),
    (
        "rows with a semicolon",
        [MATVEC, "--values", "W=[1,2;3,4]"],
        """\
error IC102: ; does not belong to the language
  in --values, line 1, column 7:
  W=[1,2;3,4]
        ^
hint: put a comma between two values, and each row of a matrix in brackets: [[1,2],[3,4]]
""",
    ),
    (
        "a list without its end",
        [MATVEC, "--values", "x=[1,2"],
        """\
error IC103: [ is never closed
  in --values, line 1, column 3:
  x=[1,2
    ^
hint: add ] where it ends
""",
    ),
    (
        "an empty list",
        [MATVEC, "--values", "x=[]"],
        """\
error IC104: expected a number, found ]
  in --values, line 1, column 4:
  x=[]
     ^
hint: a value is a number, 3, -0.5, 1e-5 or 1/3, or a list of values: [1,2]
""",
    ),
    (
        "values that end with a comma",
        [MATVEC, "--values", "x=[1,2],"],
        """\
error IC104: expected a name, found the end of the text
  in --values, line 1, column 9:
  x=[1,2],
          ^
hint: give values by name: x=3,W=[[1,2],[3,4]], or the word random alone
""",
    ),
    (
        "a fraction over 0",
        ["z = x", "--values", "x=-1/0"],
        """\
error IC604: a fraction over 0 has no value
  in --values, line 1, column 3:
  x=-1/0
    ^^^^
hint: give another number
""",
    ),
    (
        "a number beyond floats",
        ["z = x", "--values", "x=[1,1e999]"],
        """\
error IC604: the number is too large for arithmetic in floats
  in --values, line 1, column 6:
  x=[1,1e999]
       ^^^^^
hint: give another number
""",
    ),
    (
        "a number of too many digits",
        ["z = x", "--values", "x=1e99999"],
        """\
error IC604: the number has more than 10,000 digits
  in --values, line 1, column 3:
  x=1e99999
    ^^^^^^^
hint: give another number
""",
    ),
    (
        "a number that is none",
        ["z = x", "--values", "x=nan"],
        """\
error IC104: expected a number, found nan
  in --values, line 1, column 3:
  x=nan
    ^^^
hint: a value is a number, 3, -0.5, 1e-5 or 1/3, or a list of values: [1,2]
""",
    ),
    (
        "a plus sign",
        ["z = x", "--values", "x=+3"],
        """\
error IC102: + does not belong to the language
  in --values, line 1, column 3:
  x=+3
    ^
hint: write the number without a sign
""",
    ),
    (
        "a product",
        ["z = x", "--values", "x=2*3"],
        """\
error IC102: * does not belong to the language
  in --values, line 1, column 4:
  x=2*3
     ^
hint: write the number itself; nothing is worked out but fractions: 1/3
""",
    ),
    (
        "a power",
        ["z = x", "--values", "x=2^3"],
        """\
error IC102: ^ does not belong to the language
  in --values, line 1, column 4:
  x=2^3
     ^
hint: write the number itself, or 1e3 for a power of ten
""",
    ),
    (
        "values without names",
        ["z = x", "--values", "3"],
        """\
error IC104: expected a name, found 3
  in --values, line 1, column 1:
  3
  ^
hint: give values by name: x=3,W=[[1,2],[3,4]], or the word random alone
""",
    ),
    (
        "a word that is not random",
        ["z = x", "--values", "rnadom"],
        """\
error IC104: expected =, found the end of the text
  in --values, line 1, column 7:
  rnadom
        ^
hint: give values by name: x=3,W=[[1,2],[3,4]], or the word random alone
""",
    ),
    (
        "no values",
        ["z = x", "--values", ""],
        """\
error IC205: --values needs VALUES
hint: write --values VALUES
""",
    ),
    (
        "lists that are too deep",
        ["z = x", "--values", f"x={'[' * 65}1{']' * 65}"],
        """\
error IC106: lists are 64 deep here, and no tensor has more indices
  in --values, line 1, column 67:
  …[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]…
                      ^
hint: leave brackets out
""",
    ),
    (
        "values of very large arrays",
        ["matmul", "--values", "random", "--sizes", "i=100000,j=100000"],
        """\
error IC106: a value has 20,000,000,000 entries here, and 1,000,000 is the most
hint: give smaller arrays or sizes: --sizes b=2,h=3
""",
    ),
    (
        "values of a maximum",
        ["y[i] = max[k](exp(x[i,k]))", "--values", "random"],
        """\
error IC701: the derivative of max is not available yet
hint: write x without it, or differentiate by another tensor
""",
    ),
    (
        "values and the check",
        ["matmul", "--values", "random", "--check"],
        """\
error IC205: --check prints the check alone, and --values has no part in it
hint: leave out --check or --values
""",
    ),
]
