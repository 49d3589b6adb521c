"""Characters that the language does not use."""

from __future__ import annotations

from tests.errors.cases import Case

CASES: list[Case] = [
    (
        "a middle dot",
        "y[i] = x[i] · 2",
        """\
error IC102: · does not belong to the language
  in text, line 1, column 13:
  y[i] = x[i] · 2
              ^
hint: write * instead
""",
    ),
    (
        "a question mark",
        "y[i] = x[i] ? 2",
        """\
error IC102: ? does not belong to the language
  in text, line 1, column 13:
  y[i] = x[i] ? 2
              ^
hint: the language has letters, digits, + - * / ^ ( ) [ ] , ; = += -> and #
""",
    ),
    (
        "a superscript",
        "y[i] = x[i]²",
        """\
error IC102: ² does not belong to the language
  in text, line 1, column 12:
  y[i] = x[i]²
             ^
hint: write ^2 instead
""",
    ),
    (
        "a no-break space",
        "y[i] =\u00a0x[i]",
        """\
error IC102: no-break space does not belong to the language
  in text, line 1, column 7:
  y[i] =\u00a0x[i]
        ^
hint: write a plain space instead
""",
    ),
    (
        "a zero width space",
        "y[i] = x\u200b[i]",
        """\
error IC102: zero width space does not belong to the language
  in text, line 1, column 9:
  y[i] = x�[i]
          ^
hint: the language has letters, digits, + - * / ^ ( ) [ ] , ; = += -> and #
""",
    ),
    (
        "a lowered letter",
        "y[i] = xₖ*z[i]",
        """\
error IC102: ₖ does not belong to the language
  in text, line 1, column 9:
  y[i] = xₖ*z[i]
          ^
hint: write x_k for a name, x[k] for a component
""",
    ),
    (
        "a lowered digit",
        "y = x₁",
        """\
error IC102: ₁ does not belong to the language
  in text, line 1, column 6:
  y = x₁
       ^
hint: write x1 instead
""",
    ),
    (
        "a raised digit",
        "y = x⁴",
        """\
error IC102: ⁴ does not belong to the language
  in text, line 1, column 6:
  y = x⁴
       ^
hint: write ^4 instead
""",
    ),
    (
        "a script letter",
        "y[k] = x[ℓ]",
        """\
error IC102: ℓ does not belong to the language
  in text, line 1, column 10:
  y[k] = x[ℓ]
           ^
hint: write l instead
""",
    ),
    (
        "a bold letter",
        "y = x*𝐱",
        """\
error IC102: 𝐱 does not belong to the language
  in text, line 1, column 7:
  y = x*𝐱
        ^
hint: write x instead
""",
    ),
    (
        "two letters in one",
        "y = ﬁt",
        """\
error IC102: ﬁ does not belong to the language
  in text, line 1, column 5:
  y = ﬁt
      ^
hint: write fit instead
""",
    ),
    (
        "a variant of a Greek letter",
        "y = φ + ϕ",
        """\
error IC102: ϕ does not belong to the language
  in text, line 1, column 9:
  y = φ + ϕ
          ^
hint: write φ instead
""",
    ),
    (
        "a control character",
        "y = x\x1b",
        """\
error IC102: U+001B does not belong to the language
  in text, line 1, column 6:
  y = x�
       ^
hint: the language has letters, digits, + - * / ^ ( ) [ ] , ; = += -> and #
""",
    ),
    (
        "an arrow for a definition",
        "y <- x",
        """\
error IC102: < does not belong to the language
  in text, line 1, column 3:
  y <- x
    ^
hint: write = instead
""",
    ),
    (
        "a colon and an equals sign",
        "y := x",
        """\
error IC102: : does not belong to the language
  in text, line 1, column 3:
  y := x
    ^
hint: write = instead of :=
""",
    ),
    (
        "a colon for an axis",
        "y[i] = x[:,i]",
        """\
error IC102: : does not belong to the language
  in text, line 1, column 10:
  y[i] = x[:,i]
           ^
hint: write = to define a name; a whole axis is an index of its own: x[i,j]
""",
    ),
    (
        "a prime",
        "y[i,j] = x[i,j]'",
        """\
error IC102: ' does not belong to the language
  in text, line 1, column 16:
  y[i,j] = x[i,j]'
                 ^
hint: names have letters, digits and _; a transpose swaps its indices: x[j,i]
""",
    ),
    (
        "dots for leading axes",
        "y[i] = x[...,i]",
        """\
error IC102: . does not belong to the language
  in text, line 1, column 10:
  y[i] = x[...,i]
           ^
hint: write a number as 0.5; leading axes (...) are not in the language yet
""",
    ),
    (
        "quotes",
        "y = “x”",
        """\
error IC102: “ does not belong to the language
  in text, line 1, column 5:
  y = “x”
      ^
hint: remove it
""",
    ),
]
