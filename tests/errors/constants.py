"""Constants that are too long, or no real numbers; and the limits of a text."""

from __future__ import annotations

from tests.errors.cases import Case

CASES: list[Case] = [
    (
        "a literal too long",
        "y[i] = 1e10001*x[i]",
        """\
error IC107: this constant has more than 10,000 digits
  in text, line 1, column 8:
  y[i] = 1e10001*x[i]
         ^^^^^^^
hint: make it an input, or a constant of the signature
""",
    ),
    (
        "an exponent too long",
        "y[i] = 1e99999999*x[i]",
        """\
error IC107: this constant has more than 10,000 digits
  in text, line 1, column 8:
  y[i] = 1e99999999*x[i]
         ^^^^^^^^^^
hint: make it an input, or a constant of the signature
""",
    ),
    (
        "a power too long",
        "y[i] = 10^10001 * x[i]",
        """\
error IC107: this constant has more than 10,000 digits
  in text, line 1, column 8:
  y[i] = 10^10001 * x[i]
         ^^^^^^^^
hint: make it an input, or a constant of the signature
""",
    ),
    (
        "a power far too long",
        "y[i] = 2^(10^9)*x[i]",
        """\
error IC107: this constant has more than 10,000 digits
  in text, line 1, column 8:
  y[i] = 2^(10^9)*x[i]
         ^^^^^^^
hint: make it an input, or a constant of the signature
""",
    ),
    (
        "a product too long",
        "y[i] = 1e9999*1e9999*x[i]",
        """\
error IC107: this constant has more than 10,000 digits
  in text, line 1, column 8:
  y[i] = 1e9999*1e9999*x[i]
         ^^^^^^^^^^^^^^^^^^
hint: make it an input, or a constant of the signature
""",
    ),
    (
        "a division by zero",
        "y[i] = x[i] * (1/0)",
        """\
error IC109: this constant is not a real number
  in text, line 1, column 18:
  y[i] = x[i] * (1/0)
                   ^
hint: it is infinite, undefined or complex; change it
""",
    ),
    (
        "a logarithm of zero",
        "y[i] = x[i] * log(0)",
        """\
error IC109: this constant is not a real number
  in text, line 1, column 15:
  y[i] = x[i] * log(0)
                ^^^^^^
hint: it is infinite, undefined or complex; change it
""",
    ),
    (
        "a root of a negative number",
        "y[i] = sqrt(-1)*x[i]",
        """\
error IC109: this constant is not a real number
  in text, line 1, column 8:
  y[i] = sqrt(-1)*x[i]
         ^^^^^^^^
hint: it is infinite, undefined or complex; change it
""",
    ),
    (
        "an arc sine above one",
        "y[i] = asin(2)*x[i]",
        """\
error IC109: this constant is not a real number
  in text, line 1, column 8:
  y[i] = asin(2)*x[i]
         ^^^^^^^
hint: it is infinite, undefined or complex; change it
""",
    ),
    (
        "a deep constant",
        "y[i] = x[i]*" + "(1 + I*" * 190 + "I" + ")" * 190,
        """\
error IC105: constants are nested deeper than 60
  in text, line 1, column 1131:
  …(1 + I*(1 + I*(1 + I*(1 + I*(1 + I*(1 + I*(1 + I*(1 + I*(1 + I*(1 + I*(1 + I…
                      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
hint: make a part an input, or a constant of the signature
""",
    ),
    (
        "very many functions of constants",
        "\n".join(f"y{n} = sin({n}*pi/7)*x" for n in range(501)),
        """\
error IC107: this program has more than 500 functions of constants
  in text, line 501, column 8:
  y500 = sin(500*pi/7)*x
         ^^^^^^^^^^^^^
hint: make some of them inputs, or constants of the signature
""",
    ),
    (
        "a root that SymPy cannot take apart",
        "y = x*100000000008540000000213349000001324554000002393937^(-1/3)",
        """\
error IC107: this constant is too large to be worked out
  in text, line 1, column 7:
  y = x*100000000008540000000213349000001324554000002393937^(-1/3)
        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
hint: make it an input, or a constant of the signature
""",
    ),
    (
        "201 brackets",
        "y = " + "(" * 201 + "x" + ")" * 201,
        """\
error IC105: nested deeper than 200
  in text, line 1, column 205:
  …((((((((((((((((((((x)))))))))))))))))))))))))))))))))))))))))))))))))))))))…
                      ^
hint: give a part a name of its own and use the name
""",
    ),
    (
        "a byte over 64 KB",
        "y = 1 #" + "é" * 32765,
        """\
error IC106: the text has 65,537 bytes, and 65,536 is the most that is read
hint: split it into several derivations
""",
    ),
    (
        "10,001 digits",
        "y = " + "9" * 10_001,
        """\
error IC107: this constant has more than 10,000 digits
  in text, line 1, column 5:
  y = 999999999999999999999999999999999999999999999999999999999999999999999999…
      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
hint: make it an input, or a constant of the signature
""",
    ),
]
