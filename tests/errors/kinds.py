"""Names used as what they are not: another order, reserved, a size, a function."""

from __future__ import annotations

from tests.errors.cases import Case

CASES: list[Case] = [
    (
        "too many indices",
        "y[i] = x[i] + x[i,i]",
        """\
error IC308: x has 1 index, not 2
  in text, line 1, column 15:
  y[i] = x[i] + x[i,i]
                ^^^^^^
  in text, line 1, column 8:
  y[i] = x[i] + x[i,i]
         ^^^^
hint: a tensor has the same number of indices everywhere
""",
    ),
    (
        "too few indices",
        "y[i] = x[i,j]*w[j] + x[i]",
        """\
error IC308: x has 2 indices, not 1
  in text, line 1, column 22:
  y[i] = x[i,j]*w[j] + x[i]
                       ^^^^
  in text, line 1, column 8:
  y[i] = x[i,j]*w[j] + x[i]
         ^^^^^^
hint: a tensor has the same number of indices everywhere
""",
    ),
    (
        "a delta with one index",
        "y = delta[i]",
        """\
error IC308: delta has 2 indices, not 1
  in text, line 1, column 5:
  y = delta[i]
      ^^^^^^^^
hint: write delta[i,j]
""",
    ),
    (
        "a delta with three indices",
        "y[i] = delta[i,j,k]*x[j]*w[k]",
        """\
error IC308: delta has 2 indices, not 3
  in text, line 1, column 8:
  y[i] = delta[i,j,k]*x[j]*w[k]
         ^^^^^^^^^^^^
hint: write delta[i,j]
""",
    ),
    (
        "an added term of another order",
        "y[i] = x[i]\ny += 2",
        """\
error IC308: y has 1 index, not 0
  in text, line 2, column 1:
  y += 2
  ^
  in text, line 1, column 1:
  y[i] = x[i]
  ^^^^
hint: a tensor has the same number of indices everywhere
""",
    ),
    (
        "brackets on a declared scalar",
        "f(x[i], s) -> y\ny[i] = s[i]*x[i]",
        """\
error IC309: s has order 0 and takes no brackets
  in text, line 2, column 8:
  y[i] = s[i]*x[i]
         ^^^^
  in text, line 1, column 9:
  f(x[i], s) -> y
          ^
hint: write s, or give it indices where it is declared or first used
""",
    ),
    (
        "brackets on a defined scalar",
        "s = 2\ny[i] = s[i]",
        """\
error IC309: s has order 0 and takes no brackets
  in text, line 2, column 8:
  y[i] = s[i]
         ^^^^
  in text, line 1, column 1:
  s = 2
  ^
hint: write s, or give it indices where it is declared or first used
""",
    ),
    (
        "pi defined",
        "pi = x[i]*x[i]",
        """\
error IC310: pi is reserved
  in text, line 1, column 1:
  pi = x[i]*x[i]
  ^^
hint: choose another name
""",
    ),
    (
        "pi with indices",
        "y = pi[i]",
        """\
error IC310: pi is reserved
  in text, line 1, column 5:
  y = pi[i]
      ^^
hint: pi is a number
""",
    ),
    (
        "pi as an index",
        "y[pi] = x[pi]",
        """\
error IC310: pi is reserved
  in text, line 1, column 3:
  y[pi] = x[pi]
    ^^
hint: it cannot be an index
""",
    ),
    (
        "delta without indices",
        "y[i] = delta*x[i]",
        """\
error IC310: delta is reserved
  in text, line 1, column 8:
  y[i] = delta*x[i]
         ^^^^^
hint: delta[i,j] is the Kronecker delta
""",
    ),
    (
        "size as a name",
        "y[i] = x[i]*size",
        """\
error IC310: size is reserved
  in text, line 1, column 13:
  y[i] = x[i]*size
              ^^^^
hint: size(h) is the size of the index h
""",
    ),
    (
        "a reserved input",
        "f(delta[i]) -> y\ny = 2",
        """\
error IC310: delta is reserved
  in text, line 1, column 3:
  f(delta[i]) -> y
    ^^^^^
hint: choose another name
""",
    ),
    (
        "a capital naming two sizes",
        "y = a[k]*b[k]/K + c[k]*d[k]",
        """\
error IC311: K would be two sizes here, K and K2
  in text, line 1, column 15:
  y = a[k]*b[k]/K + c[k]*d[k]
                ^
hint: use another letter than k for one of them
""",
    ),
    (
        "a capital of an index elsewhere",
        "y[i] = a[i]/K\nz = b[k]*c[k]",
        """\
error IC311: K could be the size of k, which is an index elsewhere only
  in text, line 1, column 13:
  y[i] = a[i]/K
              ^
hint: use the index k in this statement too, or choose another name
""",
    ),
    (
        "a capital that is also an input",
        "f(K, x[k]) -> y\ny[k] = K*x[k]",
        """\
error IC311: K is a name of this program and would be the size of k
  in text, line 2, column 8:
  y[k] = K*x[k]
         ^
  in text, line 1, column 3:
  f(K, x[k]) -> y
    ^
hint: rename one of them; size(k) is always the size
""",
    ),
    (
        "a capital that is also defined",
        "K = 2*z\ny[k] = K*x[k]",
        """\
error IC311: K is a name of this program and would be the size of k
  in text, line 2, column 8:
  y[k] = K*x[k]
         ^
  in text, line 1, column 1:
  K = 2*z
  ^
hint: rename one of them; size(k) is always the size
""",
    ),
    (
        "an output nobody defines",
        "f(x[i]) -> z\ny[i] = x[i]",
        """\
error IC312: no statement defines the output z
  in text, line 1, column 12:
  f(x[i]) -> z
             ^
hint: define z
""",
    ),
    (
        "two arguments for one",
        "y[i] = exp(x[i], 2)",
        """\
error IC313: exp takes 1 argument, and 2 are given
  in text, line 1, column 8:
  y[i] = exp(x[i], 2)
         ^^^^^^^^^^^^
hint: write exp(x)
""",
    ),
    (
        "an abstract function with one argument and two",
        "y[i] = f(x[i], w[i])\nz[i] = f(x[i])",
        """\
error IC313: f takes 2 arguments, and 1 is given
  in text, line 2, column 8:
  z[i] = f(x[i])
         ^^^^^^^
hint: an abstract function takes the same number everywhere
""",
    ),
    (
        "a function used as a tensor",
        "y[i] = f(x[i]) + f[i]",
        """\
error IC313: f is a function here and cannot be a tensor too
  in text, line 1, column 8:
  y[i] = f(x[i]) + f[i]
         ^
  in text, line 1, column 18:
  y[i] = f(x[i]) + f[i]
                   ^
hint: rename one of them
""",
    ),
    (
        "a tensor used as a function",
        "y[i] = x[i] + x(2)",
        """\
error IC313: x is a tensor, not a function
  in text, line 1, column 15:
  y[i] = x[i] + x(2)
                ^
hint: write x[...] for a component, x*(...) for a product
""",
    ),
    (
        "eps beside epsilon",
        "y[i] = eps*epsilon*x[i]",
        """\
error IC314: eps and epsilon would both print as ε
  in text, line 1, column 12:
  y[i] = eps*epsilon*x[i]
             ^^^^^^^
  in text, line 1, column 8:
  y[i] = eps*epsilon*x[i]
         ^^^
hint: rename one of them
""",
    ),
    (
        "too many indices of a Greek letter",
        "f(γ[i]) -> y\ny[i] = γ[i,j]",
        """\
error IC308: γ has 1 index, not 2
  in text, line 2, column 8:
  y[i] = γ[i,j]
         ^^^^^^
  in text, line 1, column 3:
  f(γ[i]) -> y
    ^^^^
hint: a tensor has the same number of indices everywhere
""",
    ),
    (
        "an added term with another index",
        "y[i] = x[i]\ny[i,j] += 2",
        """\
error IC308: y has 1 index, not 2
  in text, line 2, column 1:
  y[i,j] += 2
  ^^^^^^
  in text, line 1, column 1:
  y[i] = x[i]
  ^^^^
hint: a tensor has the same number of indices everywhere
""",
    ),
    (
        "a capital that is defined below",
        "y[k] = K*x[k]\nK = 2*z",
        """\
error IC311: K is a name of this program and would be the size of k
  in text, line 1, column 8:
  y[k] = K*x[k]
         ^
  in text, line 2, column 1:
  K = 2*z
  ^
hint: rename one of them; size(k) is always the size
""",
    ),
    (
        "a Kronecker delta in Greek",
        "y = δ[i]",
        """\
error IC308: δ has 2 indices, not 1
  in text, line 1, column 5:
  y = δ[i]
      ^^^^
hint: write δ[i,j]
""",
    ),
]
