"""LaTeX takes every spelling and every bundled derivation: amsmath alone, nothing too wide."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest

import indexcalc as ic
from indexcalc.expr.base import Index
from indexcalc.expr.nodes import Access, D, Mul, Sum
from indexcalc.expr.printing import spell, spell_equation
from indexcalc.render.echo import size_names
from indexcalc.render.latex import latex
from tests.points import BUNDLED
from tests.spellings import LAYERNORM, TABLE

MEMBERS = ["mlp:1", "mlp:5", "tcl:2", "tcl:8"]
# A line that is wider than the text by this, in points, is seen to be.
WIDEST = 20.0

# An engine is no package of Python, so that it may be absent; CI installs one, and skips nothing.
needs_latex = pytest.mark.skipif(
    shutil.which("pdflatex") is None, reason="pdflatex is not installed here; CI installs LaTeX"
)

# No formula of the table is broken, so that the paper is wide.
WIDE = r"""\documentclass{article}
\usepackage[paperwidth=60cm,textwidth=50cm]{geometry}
\usepackage{amsmath}
\begin{document}
%s
\end{document}
"""


def compiled(folder: Path, document: str) -> str:
    """What pdflatex says, with its lines whole."""
    (folder / "page.tex").write_text(document, encoding="utf-8")
    done = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "page.tex"],
        cwd=folder,
        capture_output=True,
        check=False,
        timeout=120,
        env={**os.environ, "max_print_line": "1000"},
    )
    log = (folder / "page.log").read_text(encoding="utf-8", errors="replace")
    assert done.returncode == 0, log[-2000:]
    assert (folder / "page.pdf").stat().st_size > 1000
    return log


def complaints(log: str) -> list[str]:
    """Errors, warnings and boxes that are too wide, each after the name of its derivation."""
    name, found = "", []
    for line in log.splitlines():
        if line.startswith("== "):
            name = line[3:]
        elif re.match(r"!|Undefined|LaTeX Warning|Missing character", line):
            found.append(f"{name}: {line}")
        elif (box := re.match(r"Overfull .hbox .([0-9.]+)pt too wide", line)) is not None:
            found += [f"{name}: {line}"] * (float(box[1]) > WIDEST)
    return found


def together(bodies: dict[str, str]) -> str:
    """The document of one derivation, with the bodies of many."""
    head, _, after = ic.derive("matmul").latex().partition(r"\begin{document}")
    end = after[after.index(r"\end{document}") :]
    inner = "\n".join(
        f"\\typeout{{== {name}}}\n{body}\n\\clearpage" for name, body in bodies.items()
    )
    return f"{head}\\begin{{document}}\n{inner}\n{end}"


@needs_latex
def test_latex_compiles_every_spelling(tmp_path: Path) -> None:
    programs = [ic.read(row.given) for row in TABLE.values()] + [ic.read(LAYERNORM)]
    lines = [
        f"\\[ {spell_equation(equation, 'latex', notation, size_names(program, equation))} \\]"
        for program in programs
        for equation in program.equations
        for notation in ("einstein", "sum")
    ]
    i, k = Index("i"), Index("k")
    square = Sum(Mul(Access("x", i), Access("x", i)), i)
    lines.append(f"\\[ {spell(D(square, Access('x', k)), 'latex')} \\]")
    log = compiled(tmp_path, WIDE % "\n".join(lines))
    assert re.findall(r"^(?:!|Overfull|Undefined|LaTeX Warning).*", log, re.MULTILINE) == []


@cache
def derivation(name: str) -> ic.Derivation:
    return ic.derive(name)


@needs_latex
@pytest.mark.parametrize(("steps", "notation"), [("all", "einstein"), ("main", "sum")])
def test_every_bundled_derivation_compiles(steps: str, notation: str, tmp_path: Path) -> None:
    names = [*BUNDLED, *MEMBERS]
    bodies = {name: derivation(name).latex(steps, notation, fragment=True) for name in names}
    assert complaints(compiled(tmp_path, together(bodies))) == []


@needs_latex
def test_every_bundled_derivation_compiles_in_matrix_notation(tmp_path: Path) -> None:
    pages = {name: derivation(name).matrix_page()[0] for name in (*BUNDLED, *MEMBERS)}
    bodies = {name: latex(page, fragment=True) for name, page in pages.items()}
    assert complaints(compiled(tmp_path, together(bodies))) == []


@needs_latex
@pytest.mark.parametrize("by", ["column", "row"])
def test_unfoldings_and_jacobians_of_vec_compile(by: str, tmp_path: Path) -> None:
    names = ("attention", "feed_forward", "layernorm", "mlp:2", "swap_rule", "tcl:3", "tcl:5")
    asked = [(name, jacobians) for name in names for jacobians in (False, True)]
    pages = {
        f"{name}, Jacobians: {jacobians}": ic.derive(name).matrix_page(by=by, jacobians=jacobians)
        for name, jacobians in asked
    }
    bodies = {name: latex(page, fragment=True) for name, (page, _) in pages.items()}
    assert any(r"\otimes" in body for body in bodies.values())
    assert complaints(compiled(tmp_path, together(bodies))) == []


@needs_latex
def test_derivations_by_differentials_compile(tmp_path: Path) -> None:
    names = ("attention", "cosine_similarity", "frobenius", "layernorm_inline", "mlp:5", "power")
    bodies = {name: derivation(name).latex(notation="frobenius", fragment=True) for name in names}
    assert complaints(compiled(tmp_path, together(bodies))) == []


@needs_latex
@pytest.mark.parametrize("name", ["layernorm", "matmul"])
def test_a_document_compiles_by_itself(name: str, tmp_path: Path) -> None:
    assert complaints(compiled(tmp_path, ic.derive(name).latex())) == []


@needs_latex
def test_jacobians_and_strange_names_compile(tmp_path: Path) -> None:
    texts = [
        "f(x_x[i], Γ[i], G[i]) -> out_1, y_2; out_1[i] = x_x[i]*Γ[i]; y_2 = G[i]*out_1[i]",
        "l[i] = 2*x[i]; y = sum[k](x[k]^2*l[k])^3",
        "y[i] = f(x[i], z[i]) + erf(x[i])*softplus(z[i]) + abs(x[i])*relu(z[i])*sign(x[i])",
        "# 100% of a_b & c # {d} ~ ^ \\ $\ny = x",
    ]
    pages = [ic.derive(text.replace("; ", "\n")).page("all", jacobians=True) for text in texts]
    bodies = {str(n): latex(page, "einstein", fragment=True) for n, page in enumerate(pages)}
    assert complaints(compiled(tmp_path, together(bodies))) == []


@needs_latex
def test_shapes_and_entries_compile(tmp_path: Path) -> None:
    pages = {
        f"shapes of {name}": ic.derive(name).shapes({"i": 64})
        for name in ("attention", "tcl:4", "mlp:5")
    }
    pages["many axes"] = ic.derive("tcl:8").shapes()
    for name, size in (("attention", "j"), ("frobenius", "n"), ("quotient", "k"), ("tcl:2", "j")):
        pages[f"entries of {name}"] = derivation(name).write_out({size: 4}, jacobians=True)
    wide = "y[i] = max[k](x[i,k])*w[i] - w[i]*exp(w[i]*sum[k](x[i,k]*w[i] + 2)^2)/sum[k](x[i,k]^2)"
    pages["wide brackets"] = ic.derive(wide, wrt="w").write_out({"i": 2, "k": 14})
    bodies = {name: latex(page, fragment=True) for name, page in pages.items()}
    assert any(r"\bigl(" in body for body in bodies.values())
    assert complaints(compiled(tmp_path, together(bodies))) == []


@needs_latex
def test_values_compile(tmp_path: Path) -> None:
    pages = {name: derivation(name).values().page for name in BUNDLED}
    pages["a table"] = ic.derive("q = x + y; f = q*z").values(x=-2, y=5, z=1e-9).page
    pages["matrices"] = ic.derive("y[i] = w[i,j]*x[j]").values({"i": 2, "j": 2}).page
    pages["a row of many"] = ic.derive("y[i] = x[i]").values({"i": 24}).page
    pages["no number"] = ic.derive("y[i] = log(x[i])/a[i,i,i]^0.5").values(x=[-1, 2]).page
    bodies = {name: latex(page, fragment=True) for name, page in pages.items()}
    assert r"\begin{tabular}{lrrl}" in bodies["a table"]
    assert complaints(compiled(tmp_path, together(bodies))) == []


@needs_latex
def test_what_a_notebook_shows_compiles(tmp_path: Path) -> None:
    bodies = {name: derivation(name)._repr_latex_() for name in BUNDLED}
    assert complaints(compiled(tmp_path, together(bodies))) == []


def test_a_document_needs_amsmath_alone() -> None:
    packages = re.findall(r"\\usepackage.*", ic.derive("layernorm").latex())
    assert packages == [r"\usepackage{amsmath}"]


@pytest.mark.parametrize("name", ["layernorm", "matmul"])
def test_a_fragment_is_the_body_of_the_document(name: str) -> None:
    body = derivation(name).latex(fragment=True)
    assert r"\documentclass" not in body
    assert body.strip() in derivation(name).latex()


@pytest.mark.parametrize("name", BUNDLED)
def test_the_rule_is_in_a_last_column(name: str) -> None:
    body = derivation(name).latex(fragment=True)
    rows = [row for row in re.split(r"\\\\|\n", body) if r"\text{" in row and "(no sum" not in row]
    rows = [row for row in rows if "&" in row]
    assert rows
    for row in rows:
        assert re.search(r"&\\qquad& ", row), row


@needs_latex
def test_letters_that_latex_has_not_are_spelled_in_others(tmp_path: Path) -> None:
    text = "# Größe von γ, ж und “x”.\nñ[i] = ж[i]*x[i]^2; σ = 1[i]*ñ[i]"
    assert complaints(compiled(tmp_path, ic.derive(text).latex())) == []
