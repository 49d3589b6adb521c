"""Which indices are summed, and sizes that do not meet."""

from __future__ import annotations

from tests.errors.cases import Case

CASES: list[Case] = [
    (
        "a lone index",
        "y[i] = a[i,k]",
        """\
error IC401: k occurs once in its term and is not on the left
  in text, line 1, column 12:
  y[i] = a[i,k]
             ^
hint: to sum over it, write 1[k]* or sum[k](...); to keep it, put k on the left
""",
    ),
    (
        "a power is one occurrence",
        "y = x[k]^2",
        """\
error IC401: k occurs once in its term and is not on the left
  in text, line 1, column 7:
  y = x[k]^2
        ^
hint: to sum over it, write 1[k]* or sum[k](...); to keep it, put k on the left
""",
    ),
    (
        "a square is one occurrence",
        "y = (t[i]-x[i])^2",
        """\
error IC401: i occurs once in its term and is not on the left
  in text, line 1, column 8:
  y = (t[i]-x[i])^2
         ^
hint: to sum over it, write 1[i]* or sum[i](...); to keep it, put i on the left
""",
    ),
    (
        "a denominator that could sum",
        "y = a[k]*b[k]/(c[k]*d[k])",
        """\
error IC402: k could be summed over the whole product or in this part alone
  in text, line 1, column 16:
  y = a[k]*b[k]/(c[k]*d[k])
                 ^^^^^^^^^
hint: use another letter in one of them, or write sum[k](...)
""",
    ),
    (
        "two roots that could sum",
        "y = sqrt(x[i]*x[i])*sqrt(z[i]*z[i])",
        """\
error IC402: i could be summed over the whole product or in this part alone
  in text, line 1, column 5:
  y = sqrt(x[i]*x[i])*sqrt(z[i]*z[i])
      ^^^^^^^^^^^^^^^
hint: use another letter in one of them, or write sum[i](...)
""",
    ),
    (
        "two products that could sum",
        "y = (a[k]*b[k])*(c[k]*d[k])",
        """\
error IC402: k could be summed over the whole product or in this part alone
  in text, line 1, column 6:
  y = (a[k]*b[k])*(c[k]*d[k])
       ^^^^^^^^^
hint: use another letter in one of them, or write sum[k](...)
""",
    ),
    (
        "a one-tensor over a free index",
        "y[b,h] = x[b,h] - 1/H*1[h]*x[b,h]",
        """\
error IC403: h is free here, so this one-tensor neither sums nor broadcasts
  in text, line 1, column 23:
  y[b,h] = x[b,h] - 1/H*1[h]*x[b,h]
                        ^^^^
hint: to sum, use another letter than h; otherwise remove it
""",
    ),
    (
        "repeated on the left",
        "y[i,i] = x[i]",
        """\
error IC404: i is repeated on the left
  in text, line 1, column 5:
  y[i,i] = x[i]
      ^
hint: indices on the left are letters of their own; on the right use delta[i,j]
""",
    ),
    (
        "repeated in a binder",
        "y = sum[k,k](a[k])",
        """\
error IC404: k is repeated in a binder
  in text, line 1, column 11:
  y = sum[k,k](a[k])
            ^
hint: use different letters
""",
    ),
    (
        "two sizes for one index",
        "f(x[b,h], w[h]) -> y\ny[b,h] = x[b,h]*w[b]",
        """\
error IC501: b has the size H on axis 1 of w, and the size B on axis 1 of x
  in text, line 2, column 19:
  y[b,h] = x[b,h]*w[b]
                    ^
  in text, line 2, column 12:
  y[b,h] = x[b,h]*w[b]
             ^
hint: use another index than b, or declare both with one letter if equal
""",
    ),
    (
        "a trace of unequal sizes",
        "f(x[i,j]) -> y\ny = x[i,i]",
        """\
error IC501: i has the size J on axis 2 of x, and the size I on axis 1 of x
  in text, line 2, column 9:
  y = x[i,i]
          ^
  in text, line 2, column 7:
  y = x[i,i]
        ^
hint: use another index than i, or declare both with one letter if equal
""",
    ),
    (
        "the size of no index",
        "y[i] = x[i]/size(q)",
        """\
error IC502: q is no index of this statement or the signature
  in text, line 1, column 18:
  y[i] = x[i]/size(q)
                   ^
hint: name an index that is used here
""",
    ),
    (
        "a one-tensor alone",
        "y = 1[i]",
        """\
error IC401: i occurs once in its term and is not on the left
  in text, line 1, column 7:
  y = 1[i]
        ^
hint: to sum over it, another factor must have it; to keep it, put i on the left
""",
    ),
    (
        "two sizes, one of them from afar",
        "f(x[b], w[h]) -> z\nu[b] = 2\nz[i] = u[i]*u[j]*x[j]*w[i]",
        """\
error IC501: i has the size H on axis 1 of w, and the size B on axis 1 of x
  in text, line 3, column 25:
  z[i] = u[i]*u[j]*x[j]*w[i]
                          ^
  in text, line 1, column 5:
  f(x[b], w[h]) -> z
      ^
hint: use another index than i, or declare both with one letter if equal
""",
    ),
]
