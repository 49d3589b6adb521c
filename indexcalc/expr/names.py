"""How names are spelled: one ASCII name for each, and its Greek or LaTeX face."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_LOWER = [
    "alpha",
    "beta",
    "gamma",
    "delta",
    "epsilon",
    "zeta",
    "eta",
    "theta",
    "iota",
    "kappa",
    "lambda",
    "mu",
    "nu",
    "xi",
    "omicron",
    "pi",
    "rho",
    "sigma",
    "tau",
    "upsilon",
    "phi",
    "chi",
    "psi",
    "omega",
]
_LOWER_LETTERS = "αβγδεζηθικλμνξοπρστυφχψω"
_UPPER = [
    "Gamma",
    "Delta",
    "Theta",
    "Lambda",
    "Xi",
    "Pi",
    "Sigma",
    "Upsilon",
    "Phi",
    "Psi",
    "Omega",
]
_UPPER_LETTERS = "ΓΔΘΛΞΠΣΥΦΨΩ"

LETTER_OF = dict(zip(_LOWER + _UPPER, _LOWER_LETTERS + _UPPER_LETTERS, strict=True))
NAME_OF = {letter: name for name, letter in LETTER_OF.items()}

# Faces only: these names keep their own spelling in text and in code.
_FACES = {"eps": "ε"}
_LATEX_FACES = {
    "eps": r"\varepsilon",
    "epsilon": r"\varepsilon",
    "omicron": "o",
    "ℒ": r"\mathcal{L}",
}

_STEM = re.compile(r"(.*?)([0-9]*)\Z", re.DOTALL)


@lru_cache(maxsize=4096)
def canonical(spelling: str) -> str:
    """The one name behind a spelling: γ and gamma, γ1 and gamma1 are the same."""
    name = unicodedata.normalize("NFKC", spelling)
    stem, digits = _split(name)
    return NAME_OF.get(stem, stem) + digits


@lru_cache(maxsize=4096)
def unicode_face(name: str) -> str:
    """γ for gamma, γ1 for gamma1, ε for eps; any other name as it is."""
    stem, digits = _split(name)
    return LETTER_OF.get(stem, _FACES.get(stem, stem)) + digits


@lru_cache(maxsize=4096)
def latex_face(name: str) -> str:
    r"""\gamma for gamma, w^{(1)} for w1, \mathrm{scores} for scores."""
    stem, digits = _split(name)
    if not stem:
        return digits
    if stem in _LATEX_FACES:
        body = _LATEX_FACES[stem]
    elif stem in LETTER_OF:
        body = "\\" + stem
    elif len(stem) == 1 and stem.isascii():
        body = stem
    else:
        body = r"\mathrm{" + plain_letters(stem).replace("_", r"\_") + "}"
    return body + (f"^{{({digits})}}" if digits else "")


def plain_letters(text: str) -> str:
    """Letters that every LaTeX has: without accents, and others by their numbers."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return "".join(c if c.isascii() else f"u{ord(c):x}" for c in bare)


def adjoint_name(loss: str, name: str) -> str:
    """What the derivative of a loss by a tensor is called: ∂l/∂sigma."""
    return f"∂{loss}/∂{name}"


def adjoint_of(name: str) -> tuple[str, str]:
    """The loss and the tensor of such a name; two empty texts for any other."""
    loss, between, of = name.partition("/∂")
    return (loss[1:], of) if between else ("", "")


def _split(name: str) -> tuple[str, str]:
    match = _STEM.match(name)
    assert match is not None  # the pattern accepts every string
    return match[1], match[2]
