"""How matrices are spelled: as papers do, in Unicode and LaTeX, and as text that is read back."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass, replace

from sympy import Basic, Expr

from indexcalc.expr.base import Index, postorder
from indexcalc.expr.digits import Digit, Place
from indexcalc.expr.names import adjoint_of, latex_face, unicode_face
from indexcalc.expr.printing import piece_of
from indexcalc.expr.scalars import ATOM, POWER, PRODUCT
from indexcalc.expr.styles import Piece, Style, UnicodeStyle
from indexcalc.expr.typeset import LatexStyle
from indexcalc.forms.algebra import divides, turned_back
from indexcalc.forms.differential import Differential
from indexcalc.forms.matrices import (
    Diagonal,
    DiagonalOf,
    Function,
    Hadamard,
    Identity,
    Inner,
    Matrix,
    Named,
    Norm,
    Number,
    Ones,
    Over,
    Plus,
    Power,
    Product,
    Scaled,
    Trace,
    Transpose,
)
from indexcalc.forms.tensors import (
    Core,
    Kronecker,
    ModeProduct,
    Permutation,
    Tensor,
    Unfolding,
    Vec,
    VecSlope,
)


@dataclass(frozen=True, slots=True)
class _Signs:
    """What an alphabet writes between and around matrices."""

    times: str
    over: str
    between: str
    between_changes: str
    change: str
    transpose: str
    inverse: str
    power: str
    ones: Callable[[str], str]
    identity: Callable[[str], str]
    called: Callable[[str, str], str]
    norm: Callable[[str], str]
    below: str
    face: Callable[[str], str]
    core: Callable[[str], str]
    kronecker: str
    along: str
    unfolded: str
    permutation: str
    inner: str = " : "


def _signs(style: Style) -> _Signs:
    if isinstance(style, LatexStyle):
        return _LATEX
    return _UNICODE if isinstance(style, UnicodeStyle) else _TEXT


_RAISED = re.compile(r"([^^]*)\^\{([^{}]*)\}(_\{[^{}]*\})?\Z")
# A vector of ones stands close to what it sums, but for a digit.
_CLOSE = re.compile(r"(?<=[^0-9+⊙⊘⊗:,-]) 𝟏(?!_)")


def calligraphic(name: str) -> str:
    """As papers write tensors, where there are such letters."""
    stem = re.match("[A-Z]", name)
    return rf"\mathcal{{{stem[0]}}}" + latex_face(name)[1:] if stem else latex_face(name)


_TEXT = _Signs(
    times=" .* ",
    over=" ./ ",
    between="*",
    between_changes="*",
    change="d",
    transpose="'",
    inverse="",
    power=".^{}",
    ones="ones({})".format,
    identity="eye({})".format,
    called="{}({})".format,
    norm="norm({})".format,
    below="",
    face=str,
    core=str,
    kronecker="",
    along=" x_{} ",
    unfolded="_({})",
    permutation="{}_{}{}",
)
_UNICODE = _Signs(
    times=" ⊙ ",
    over=" ⊘ ",
    between=" ",
    between_changes=" ",
    change="d",
    transpose="ᵀ",
    inverse="⁻¹",
    power="^⊙{}",
    ones=lambda size: "𝟏",
    identity=lambda size: "𝐈",
    called="{}({})".format,
    norm="‖{}‖".format,
    below="_F",
    face=unicode_face,
    core=unicode_face,
    kronecker=" ⊗ ",
    along=" ×{} ",
    unfolded="₍{}₎",
    permutation="{}{}{}",
)
_LATEX = _Signs(
    times=r" \odot ",
    over=r" \oslash ",
    between=" ",
    between_changes=r" \, ",
    change=r"\mathrm{d}",
    transpose=r"^{\top}",
    inverse="^{-1}",
    power=r"^{{\odot {}}}",
    ones=lambda size: r"\mathbf{1}",
    identity=lambda size: r"\mathbf{I}",
    called=r"\operatorname{{{}}}\!\left({}\right)".format,
    norm=r"\left\|{}\right\|".format,
    below="_{F}",
    face=latex_face,
    core=calligraphic,
    kronecker=r" \otimes ",
    along=r" \times_{{{}}} ",
    unfolded="_{{({})}}",
    permutation="{}_{{{}{}}}",
)


def matrix_piece(node: Matrix, style: Style, parts: list[Piece]) -> Piece:
    """A matrix from how its parts are spelled."""
    signs = _signs(style)
    match node:
        case Named():
            return _name(node, style, signs)
        case Number():
            return style.scalar(node.value)
        case Ones():
            return Piece(_sized(signs.ones, node, style), ATOM)
        case Identity():
            return Piece(_sized(signs.identity, node, style), ATOM)
        case Transpose():
            return Piece(_turned(parts[0], style, signs), POWER)
        case Product():
            # d and W apart from X, which is not what d is of.
            changes = any(isinstance(turned_back(part), Differential) for part in node.args)
            between = signs.between_changes if changes else signs.between
            text = between.join(style.grouped(part, POWER) for part in parts)
            return Piece(_CLOSE.sub("𝟏", text), PRODUCT)
        case Scaled(number=number) if number == 0:
            return Piece("0", ATOM)
        case Scaled():
            return _scaled(node, style, parts)
        case Plus():
            return style.add(parts)
        case Hadamard():
            return _hadamard(node, style, signs, parts)
        case Power():
            return _power(node, style, signs, parts)
        case Function():
            return style.apply(node.name, parts)
        case Diagonal(vector=Power()) if signs.inverse and parts[0].denominator:
            return Piece(_called("diag", parts[0].denominator, signs) + signs.inverse, POWER)
        case Diagonal() | DiagonalOf():
            return Piece(_called("diag", parts[0], signs), ATOM)
        case Trace():
            return Piece(_called("tr", parts[0], signs), ATOM)
        case Inner():
            # The sign of the first is that of the whole.
            first = replace(parts[0], negative=False)
            text = signs.inner.join(style.grouped(part, PRODUCT) for part in (first, parts[1]))
            return Piece(text, PRODUCT, negative=parts[0].negative)
        case Differential(of=Named()):
            return Piece(signs.change + parts[0].text, ATOM)
        case Differential():
            return Piece(signs.change + style.bracket(parts[0].whole), ATOM)
        case Norm():
            below = "" if node.parts[0].shape[1] == 1 else signs.below
            return Piece(signs.norm(parts[0].whole) + below, ATOM)
        case Over():
            return style.sum(node, parts[0])
        case Unfolding() | Vec() | Kronecker() | Permutation() | VecSlope():
            return _fused(node, style, signs, parts)
    raise TypeError(f"no spelling for {type(node).__name__}")


def tensor_piece(node: Tensor, style: Style, parts: list[Piece]) -> Piece:
    """A tensor from how its parts are spelled."""
    signs = _signs(style)
    match node:
        case Core():
            return _face(node.face, style, signs, signs.core)
        case ModeProduct():
            tensor, matrix = parts
            sign = signs.along.format(_lowered(node.axis, style))
            text = style.grouped(tensor, PRODUCT) + sign + style.grouped(matrix, POWER)
            return Piece(text, PRODUCT)
    raise TypeError(f"no spelling for {type(node).__name__}")


def _lowered(axis: int, style: Style) -> str:
    """A mode, which counts from 1."""
    mode = str(axis + 1)
    is_unicode = isinstance(style, UnicodeStyle) and not isinstance(style, LatexStyle)
    return mode.translate(_LOWERED) if is_unicode else mode


_LOWERED = str.maketrans("0123456789()", "₀₁₂₃₄₅₆₇₈₉₍₎")


def _sized(sign: Callable[[str], str], node: Matrix, style: Style) -> str:
    """𝐈, or 𝐈_K"""
    size = style.scalar(node.shape[0]).whole
    text = sign(size)
    if not style.sized or _signs(style) is _TEXT:
        return text
    if isinstance(style, LatexStyle):
        return f"{text}_{{{size}}}"
    size = size.replace(" ", "·")
    return f"{text}_{size}" if len(size) == 1 else f"{text}_{{{size}}}"


def _fused(node: Matrix, style: Style, signs: _Signs, parts: list[Piece]) -> Piece:
    """What has fused indices; how many rows of it are of each part, its own shape does not say."""
    told = any(isinstance(one, Named | Core) for one in postorder(node))
    if not style.sized and (isinstance(node, Kronecker) or not told):
        style = copy(style)
        style.sized = True
        parts = [piece_of(part, style) for part in node.parts]
    match node:
        case Unfolding():
            below = signs.unfolded.format(_lowered(node.axis, style))
            return Piece(style.grouped(parts[0], ATOM) + below, ATOM)
        case Vec():
            return Piece(_called("vec", parts[0], signs), ATOM)
        case Kronecker() if signs is _TEXT:
            return Piece(f"kron({', '.join(part.whole for part in parts)})", ATOM)
        case Kronecker():
            own = zip(node.args, parts, strict=True)
            levels = (PRODUCT if isinstance(one, Product) else POWER for one, _ in own)
            factors = (style.grouped(*pair) for pair in zip(parts, levels, strict=True))
            return Piece(signs.kronecker.join(factors), PRODUCT)
        case Permutation():
            shown = (_lowered(axis, style) for axis in (node.of, node.to))
            return Piece(signs.permutation.format(signs.face(node.letter), *shown), ATOM)
        case VecSlope():
            return style.slope(*parts)
    raise TypeError(f"no spelling for {type(node).__name__}")


def entry_piece(node: Basic, of: Piece, indices: Sequence[Place], style: Style) -> Piece:
    """[A]_pq; of fused indices too, which leave a tensor and the identity their names."""
    if not indices:
        return of
    fused = any(isinstance(one, Digit) for one in indices)
    if isinstance(node, Identity) and fused:
        return style.delta_of(indices)
    letters = style.letters(indices)
    by_name = isinstance(node, Core) or (isinstance(node, Named) and fused)
    if isinstance(style, LatexStyle):
        shown = of.text if by_name else rf"\left[{of.whole}\right]"
        return Piece(f"{shown}_{{{letters}}}", ATOM)
    shown = of.text if by_name else f"[{of.whole}]"
    is_text = not isinstance(style, UnicodeStyle) and (by_name or fused)
    return Piece(f"{shown}[{letters}]" if is_text else f"{shown}_{letters}", ATOM)


def _called(name: str, argument: Piece, signs: _Signs) -> str:
    return signs.called(name, argument.whole)


def _name(node: Named, style: Style, signs: _Signs) -> Piece:
    return _face(node.face, style, signs, signs.face, node.of)


def _face(
    name: str, style: Style, signs: _Signs, shown: Callable[[str], str], many: Sequence[Index] = ()
) -> Piece:
    """A name, or the gradient of a name."""
    loss, of = adjoint_of(name)
    face = shown(of or name)
    if many:
        letters = style.letters(many)
        face += f"_{{{letters}}}" if isinstance(style, LatexStyle) else f"_{letters}"
    if of:
        return style.slope(Piece(signs.face(loss), ATOM), Piece(face, ATOM))
    return Piece(face, ATOM)


def _turned(of: Piece, style: Style, signs: _Signs) -> str:
    """Aᵀ; TeX has one exponent for W⁽¹⁾ and what turns it."""
    alone = isinstance(style, LatexStyle) and of.level == ATOM
    raised = _RAISED.match(of.text) if alone else None
    if raised is None:
        return style.grouped(of, ATOM) + signs.transpose
    base, exponent, below = raised.groups("")
    return rf"{base}^{{{exponent}\top}}{below}"


def _braced(piece: Piece, style: Style) -> str:
    """What an exponent is set on; TeX refuses two of them on one letter."""
    if isinstance(style, LatexStyle) and piece.level == ATOM and "^" in piece.text:
        return f"{{{piece.text}}}"
    return style.grouped(piece, ATOM)


def _scaled(node: Scaled, style: Style, parts: list[Piece]) -> Piece:
    """Scalars in front, and what divides under the line."""
    factors: list[Basic] = list(node.args)
    last = parts[-1]
    below = [place for place, factor in enumerate(factors[:-1]) if _is_below(factor)]
    if isinstance(factors[-1], Product) or (isinstance(factors[-1], Hadamard) and not below):
        last = replace(last, level=POWER)
    if not node.is_scalar:
        # 𝟏 ⊘ x is no denominator, which a scalar alone can be.
        last = replace(last, denominator=None)
    order = [place for place in range(len(factors) - 1) if place not in below]
    pieces = [*(parts[place] for place in order), last, *(parts[place] for place in below)]
    order = [*order, len(factors) - 1, *below]
    return style.mul([factors[place] for place in order], pieces)


def _is_below(factor: Basic) -> bool:
    return isinstance(factor, Matrix) and divides(factor)


def _hadamard(node: Hadamard, style: Style, signs: _Signs, parts: list[Piece]) -> Piece:
    text = ""
    for factor, part in zip(node.parts, parts, strict=True):
        if part.denominator is not None and _is_below(factor) and text:
            text += signs.over + style.grouped(part.denominator, POWER)
        else:
            text += (signs.times if text else "") + style.grouped(part, POWER)
    return Piece(text, PRODUCT)


def _power(node: Power, style: Style, signs: _Signs, parts: list[Piece]) -> Piece:
    if node.is_scalar:
        return style.pow(node, parts[0], parts[1])
    exponent = node.exponent
    if isinstance(exponent, Expr) and not isinstance(exponent, Matrix) and exponent.is_negative:
        under = parts[0] if exponent == -1 else _raised(parts[0], style.scalar(-exponent), style)
        ones = "1" if signs is _TEXT else _ones_of(node, signs)
        text = ones + signs.over + style.grouped(under, POWER)
        return Piece(text, PRODUCT, denominator=under)
    return _raised(parts[0], parts[1], style)


def _ones_of(node: Matrix, signs: _Signs) -> str:
    rows, columns = (signs.ones("") if size != 1 else "" for size in node.shape)
    return rows + (columns + signs.transpose if columns else "")


def _raised(base: Piece, exponent: Piece, style: Style) -> Piece:
    above = style.grouped(exponent, POWER)
    return Piece(_braced(base, style) + _signs(style).power.format(above), POWER)
