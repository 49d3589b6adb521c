"""The same message in lines that are hard to point into."""

from __future__ import annotations

from tests.errors.cases import Case

CASES: list[Case] = [
    (
        "after a wide character",
        "界[i] = a[i,k]",
        """\
error IC401: k occurs once in its term and is not on the left
  in text, line 1, column 12:
  界[i] = a[i,k]
              ^
hint: to sum over it, write 1[k]* or sum[k](...); to keep it, put k on the left
""",
    ),
    (
        "a wide character itself",
        "y[i] = x[i] + 界[i]*。",
        """\
error IC102: 。 does not belong to the language
  in text, line 1, column 20:
  y[i] = x[i] + 界[i]*。
                      ^^
hint: the language has letters, digits, + - * / ^ ( ) [ ] , ; = += -> and #
""",
    ),
    (
        "after tabs",
        "y[i]\t=\ta[i,k]\t+ 1",
        """\
error IC401: k occurs once in its term and is not on the left
  in text, line 1, column 12:
  y[i] = a[i,k] + 1
             ^
hint: to sum over it, write 1[k]* or sum[k](...); to keep it, put k on the left
""",
    ),
    (
        "inside a long line",
        "y[i] = " + "x[i] + " * 100 + "a[i,k]" + " + x[i]" * 100,
        """\
error IC401: k occurs once in its term and is not on the left
  in text, line 1, column 712:
  … x[i] + x[i] + a[i,k] + x[i] + x[i] + x[i] + x[i] + x[i] + x[i] + x[i] + x[i…
                      ^
hint: to sum over it, write 1[k]* or sum[k](...); to keep it, put k on the left
""",
    ),
    (
        "on the last line of many",
        "# Two lines\n\ny[i] = x[i]\nz[i] = a[i,k]\n",
        """\
error IC401: k occurs once in its term and is not on the left
  in text, line 4, column 12:
  z[i] = a[i,k]
             ^
hint: to sum over it, write 1[k]* or sum[k](...); to keep it, put k on the left
""",
    ),
]
