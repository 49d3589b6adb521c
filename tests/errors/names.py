"""Names that are unknown, defined twice, too early, or an index too."""

from __future__ import annotations

from tests.errors.cases import Case

CASES: list[Case] = [
    (
        "a name misspelt",
        "f(x[i], scale) -> y\ny[i] = scael*x[i]",
        """\
error IC302: scael is not in the signature and is not defined above
  in text, line 2, column 8:
  y[i] = scael*x[i]
         ^^^^^
hint: did you mean scale?
""",
    ),
    (
        "an undeclared name",
        "f(x[i]) -> y\ny[i] = zork*x[i]",
        """\
error IC302: zork is not in the signature and is not defined above
  in text, line 2, column 8:
  y[i] = zork*x[i]
         ^^^^
hint: add zork to the signature, or define it
""",
    ),
    (
        "defined twice",
        "y[i] = x[i]\ny[i] = 2*x[i]",
        """\
error IC303: y is defined already
  in text, line 2, column 1:
  y[i] = 2*x[i]
  ^
  in text, line 1, column 1:
  y[i] = x[i]
  ^
hint: choose another name, or add a term with +=
""",
    ),
    (
        "an input defined",
        "f(x[i]) -> x\nx[i] = 2",
        """\
error IC303: x is an input already
  in text, line 2, column 1:
  x[i] = 2
  ^
  in text, line 1, column 3:
  f(x[i]) -> x
    ^
hint: choose another name
""",
    ),
    (
        "an input declared twice",
        "f(x[i], x[j]) -> y\ny = x[i]*x[i]",
        """\
error IC303: x is an input already
  in text, line 1, column 9:
  f(x[i], x[j]) -> y
          ^
  in text, line 1, column 3:
  f(x[i], x[j]) -> y
    ^
hint: choose another name
""",
    ),
    (
        "a known function declared",
        "pointwise exp\ny = exp(2)",
        """\
error IC303: exp is a function already
  in text, line 1, column 11:
  pointwise exp
            ^^^
hint: declare another name
""",
    ),
    (
        "used before its definition",
        "y[i] = z[i]\nz[i] = x[i]",
        """\
error IC304: z is defined only below
  in text, line 1, column 8:
  y[i] = z[i]
         ^^^^
  in text, line 2, column 1:
  z[i] = x[i]
  ^
hint: move the definition up
""",
    ),
    (
        "used in its own definition",
        "y[i] = y[i] + x[i]",
        """\
error IC304: y is used in its own definition
  in text, line 1, column 8:
  y[i] = y[i] + x[i]
         ^^^^
  in text, line 1, column 1:
  y[i] = y[i] + x[i]
  ^
hint: give the new value another name
""",
    ),
    (
        "added to an input",
        "f(x[i]) -> y\nx[i] += 1\ny[i] = x[i]",
        """\
error IC305: x is an input and cannot be added to
  in text, line 2, column 6:
  x[i] += 1
       ^^
  in text, line 1, column 3:
  f(x[i]) -> y
    ^
hint: define another name: z = x + ...
""",
    ),
    (
        "added to after a use",
        "y[i] = x[i]\nz[i] = y[i]\ny[i] += 1",
        """\
error IC306: y was used before this term is added
  in text, line 3, column 6:
  y[i] += 1
       ^^
  in text, line 2, column 8:
  z[i] = y[i]
         ^^^^
hint: add the term before the first use, or give the new value another name
""",
    ),
    (
        "an index used as a name",
        "y[i] = i*x[i]",
        """\
error IC307: i is an index in this statement and cannot be a name too
  in text, line 1, column 8:
  y[i] = i*x[i]
         ^
  in text, line 1, column 3:
  y[i] = i*x[i]
    ^
hint: use another letter for the index
""",
    ),
    (
        "an index used as a tensor",
        "y[i] = i[i]",
        """\
error IC307: i is an index in this statement and cannot be a name too
  in text, line 1, column 8:
  y[i] = i[i]
         ^
  in text, line 1, column 3:
  y[i] = i[i]
    ^
hint: use another letter for the index
""",
    ),
    (
        "a tensor used as an index",
        "y[i] = x[i]*a[x]*b[x]",
        """\
error IC307: x is an index in this statement and cannot be a name too
  in text, line 1, column 8:
  y[i] = x[i]*a[x]*b[x]
         ^
  in text, line 1, column 15:
  y[i] = x[i]*a[x]*b[x]
                ^
hint: use another letter for the index
""",
    ),
    (
        "the left-hand side used as an index",
        "i[i] = x[i]",
        """\
error IC307: i is an index in this statement and cannot be a name too
  in text, line 1, column 1:
  i[i] = x[i]
  ^
  in text, line 1, column 3:
  i[i] = x[i]
    ^
hint: use another letter for the index
""",
    ),
    (
        "a constant declared twice",
        "f(x, e=1, e=2) -> y\ny = e*x",
        """\
error IC303: e is a constant already
  in text, line 1, column 11:
  f(x, e=1, e=2) -> y
            ^
  in text, line 1, column 6:
  f(x, e=1, e=2) -> y
       ^
hint: choose another name
""",
    ),
    (
        "an output named twice",
        "f(x[i]) -> y, y\ny[i] = x[i]",
        """\
error IC303: y is an output already
  in text, line 1, column 15:
  f(x[i]) -> y, y
                ^
  in text, line 1, column 12:
  f(x[i]) -> y, y
             ^
hint: name every output once
""",
    ),
    (
        "a function declared twice",
        "pointwise act, act\ny = act(x)",
        """\
error IC303: act is declared already
  in text, line 1, column 16:
  pointwise act, act
                 ^^^
  in text, line 1, column 11:
  pointwise act, act
            ^^^
hint: declare every function once
""",
    ),
    (
        "a reserved name declared",
        "pointwise size\ny = 2",
        """\
error IC310: size is reserved
  in text, line 1, column 11:
  pointwise size
            ^^^^
hint: choose another name
""",
    ),
    (
        "an unknown Greek name",
        "f(x[i]) -> y\ny[i] = γ1*x[i]",
        """\
error IC302: γ1 is not in the signature and is not defined above
  in text, line 2, column 8:
  y[i] = γ1*x[i]
         ^^
hint: add γ1 to the signature, or define it
""",
    ),
    (
        "a Greek index as a name",
        "y[γ] = γ*x[γ]",
        """\
error IC307: γ is an index in this statement and cannot be a name too
  in text, line 1, column 8:
  y[γ] = γ*x[γ]
         ^
  in text, line 1, column 3:
  y[γ] = γ*x[γ]
    ^
hint: use another letter for the index
""",
    ),
    (
        "a Greek letter twice",
        "γ[i] = x[i]\nγ[j] = x[j]",
        """\
error IC303: γ is defined already
  in text, line 2, column 1:
  γ[j] = x[j]
  ^
  in text, line 1, column 1:
  γ[i] = x[i]
  ^
hint: choose another name, or add a term with +=
""",
    ),
    (
        "a Greek letter that is also spelled out",
        "gamma[i] = x[i]\nγ[j] = x[j]",
        """\
error IC303: gamma is defined already
  in text, line 2, column 1:
  γ[j] = x[j]
  ^
  in text, line 1, column 1:
  gamma[i] = x[i]
  ^^^^^
hint: choose another name, or add a term with +=
""",
    ),
]
