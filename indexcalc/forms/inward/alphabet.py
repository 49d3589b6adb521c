"""The tokens of matrix notation, and the way out where there is another sign."""

from __future__ import annotations

import re

from indexcalc.lang.lexer import Alphabet

ONES = ("𝟏", "𝟙")
TRANSPOSES = ("'", ".'", "ᵀ", "⊤")

# Signs that Unicode counts among letters and digits end a name: A𝟏 is two tokens, and Aᵀ.
_TOKEN = re.compile(
    r"""(?P<newline>\n)
      | (?P<op>\.\*|\./|\.\^|\.'|\+=|->|[-+*/^()\[\],;=':⊙⊘ᵀ⊤𝟏𝟙])
      | (?P<number>(?:[0-9]+(?:\.(?![*/^'])[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
      | (?P<name>[^\W\d](?:(?![ᵀ𝟏𝟙])\w)*)""",
    re.VERBOSE,
)
_LOOK_ALIKES = {
    "·": "*", "⋅": "*", "×": "*", "∗": "*", "@": "*", "÷": "/", "∕": "/", "−": "-", "–": "-",
    "—": "-", "∘": ".*", "’": "'", "′": "'",
    "‖": "norm(...)", "||": "norm(...)", "|": "abs(...)", "√": "sqrt(...)", "→": "->",
    "≔": "=", "<-": "=", "{": "(", "}": ")",
    "\N{NO-BREAK SPACE}": "a plain space", "%": "# before a comment",
    "²": "^2 (a product with itself) or .^2 (entry by entry)",
}  # fmt: skip
_WAYS_OUT = {
    "⊗": "kron is not available yet; x*y' is an outer product",
    "\\": "equations are not solved: inv is not available yet",
    "...": "an expression goes on over a line only inside brackets",
    ".T": "a transpose is A'",
    ".(": "functions are entry by entry already: exp(A)",
    ".+": "+ is entry by entry already",
    ".-": "- is entry by entry already",
    ".": "names have no dots; a number is 0.5; entry by entry are .* ./ .^",
    "“": "remove it",
    "”": "remove it",
    '"': "remove it",
}
MATRICES = Alphabet(
    _TOKEN, _LOOK_ALIKES, _WAYS_OUT, "+ - * / ^ .* ./ .^ ' : ( ) [ ] , ; = += -> 𝟏 and #"
)
