"""What the pages show, produced by the program itself.

    python -m tests.docs

rewrites the output of every `$ derive` in README.md and docs/, the list of files in docs/design.md,
and docs/errors.md and docs/rulebook.md as a whole. test_docs.py fails where this would change
anything.
"""

from __future__ import annotations

import ast
import inspect
import io
import re
import shlex
from collections.abc import Iterator
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from textwrap import fill

from indexcalc import cli
from indexcalc.calculus.folding import Definition
from indexcalc.calculus.rules import algebra, deltas, derivatives, ones
from indexcalc.codes import CODES, Code
from indexcalc.errors import IndexcalcError, Source
from indexcalc.expr.printing import spell, spell_equation
from indexcalc.expr.program import Equation
from indexcalc.expr.rewrite import RULES, Example, Rule
from indexcalc.expr.terms import tree
from indexcalc.forms.frobenius import differentials, moving, passing
from indexcalc.forms.inward.reading import read as read_matrices
from indexcalc.forms.rules import fusing, permuting, pointwise, products, single, totals
from indexcalc.lang.reading import read

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "indexcalc"
ERRORS_PAGE = ROOT / "docs" / "errors.md"
RULEBOOK_PAGE = ROOT / "docs" / "rulebook.md"
PROMPT = "$ "
WIDTH = 100

_BLOCK = re.compile(r"^```(?P<language>\w*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
_FILES = re.compile(r"(?<=<!-- files -->\n).*?(?=<!-- end of files -->)", re.DOTALL)
_ERRORS = re.compile(r"\b\d\.\de[-+]\d\d\b")

_GROUPS = {
    "IC1": "The text",
    "IC2": "Files and the command",
    "IC3": "Names",
    "IC4": "Indices",
    "IC5": "Sizes",
    "IC6": "Arrays",
    "IC7": "Not available yet",
    "IC8": "SymPy",
}
_INTRODUCTION = """\
# Errors

Whatever you write is either read exactly or refused with one of these errors. Each has a code, one
sentence, the line with a caret under the exact place, and a hint. In Python every one of them is an
`indexcalc.IndexcalcError`, with the code in `.code`; `derive` prints it to standard error and exits
with 2.

This page is written by `python -m tests.docs` from the codes themselves.
"""

_RULES = {
    derivatives: "Derivatives",
    deltas: "The Kronecker delta",
    ones: "The one-tensor",
    algebra: "Products and sums",
    single: "Matrix notation",
    products: "Matrix notation: products",
    totals: "Matrix notation: totals",
    fusing: "Fused indices",
    pointwise: "Fused indices: functions",
    permuting: "Fused indices: permutations",
    differentials: "Differentials",
    moving: "Frobenius products",
    passing: "From one definition to the next",
}
# The texts that rules are taken from, as the rules abbreviate them.
_SOURCES = {
    "000": "Backpropagation Techniques for Tensor Operations",
    "001": "The Tensor Calculus You Need for Deep Learning",
    "003": "Help with differentiation chain rule with tensors in backpropagation",
}
_RULEBOOK = """\
# The rulebook

Every step of a derivation is one of these rules, and a step shows the rule's name beside it. Each
has its law, an example of one application, the text that it is taken from, and the reason why it
cannot be applied for ever. An index that is summed is written without Σ where it is seen twice;
1_i is a one-tensor, δ_ij a Kronecker delta, and ∂u/∂x a derivative that is not yet worked out.
[A]_ij is an entry of a matrix, 𝟏 a vector of ones, ⊙ a product entry by entry, A : B the sum of all
entries of A ⊙ B, and dA a differential. An index may be a digit of another, s%I or s÷I, which is
the remainder or the quotient of it; ⊗ is a Kronecker product, X₍₁₎ an unfolding of a tensor along
its first mode, and ×₁ a product along it.

This page is written by `python -m tests.docs` from the rules themselves; the tests run every
example.
"""


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block of a page; `line` is where its body starts."""

    language: str
    body: str
    line: int


def pages() -> list[Path]:
    """Every page whose blocks are run."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def blocks(text: str) -> Iterator[Block]:
    """The fenced blocks of a page, in order."""
    for match in _BLOCK.finditer(text):
        line = text.count("\n", 0, match.start("body")) + 1
        yield Block(match["language"], match["body"], line)


def current(text: str) -> str:
    """A page with its list of files, and the output of its commands, as they are now."""
    return _FILES.sub(lambda _: files(), _BLOCK.sub(_refreshed, text))


def files() -> str:
    """The files of the package, each with the first line of its docstring."""
    lines = []
    for path in sorted(PACKAGE.rglob("*.py")):
        said = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
        if not said:
            raise ValueError(f"{path.relative_to(ROOT)} does not say what it is for")
        lines.append(f"- `{path.relative_to(PACKAGE)}`: {said.splitlines()[0]}\n")
    return "".join(lines)


def errors_page() -> str:
    """Every error: its code, its meaning, and a text that causes it with the whole message."""
    parts = [_INTRODUCTION]
    group = ""
    for number, code in CODES.items():
        if number[:3] != group:
            group = number[:3]
            parts.append(f"## {_GROUPS[group]}\n")
        parts.append(_entry(number, code))
    return "\n".join(parts)


def rulebook_page() -> str:
    """Every rule, grouped by the file that it is in."""
    parts = [_RULEBOOK]
    for module, title in _RULES.items():
        parts.append(f"## {title}\n\n{_prose(module.__doc__ or '')}\n")
        parts += [_rule(r) for r in RULES.values() if r.function.__module__ == module.__name__]
    return "\n".join(parts)


def source_of(rule: Rule) -> str:
    """Where a rule is taken from, the text by its title."""
    text, _, place = rule.source.partition(", ")
    return f"{_SOURCES[text]}, {place}"


def message_of(number: str, example: str) -> str:
    """The message that a code's own example causes."""
    reader = read_matrices if CODES[number].of_matrices else read
    try:
        reader(Source(example))
    except IndexcalcError as error:
        if error.code == number:
            return str(error)
        raise ValueError(f"the example of {number} causes {error.code}") from error
    raise ValueError(f"the example of {number} is read without an error")


def _refreshed(match: re.Match[str]) -> str:
    if match["language"] != "console":
        return match[0]
    lines = [line for command in _commands(match["body"]) for line in _shown(command)]
    block = "\n".join(["```console", *lines, "```"])
    return match[0] if without_errors(block) == without_errors(match[0]) else block


def without_errors(text: str) -> str:
    """The text without the digits of errors, which are a little different on every machine."""
    return _ERRORS.sub("0.0e-00", text)


def _commands(body: str) -> Iterator[str]:
    """The commands of a console block; a quoted text may run over several lines."""
    lines = iter(body.splitlines())
    for line in lines:
        if not line.startswith(PROMPT):
            continue
        command = line.removeprefix(PROMPT)
        while _open_quote(command):
            command += "\n" + next(lines)
        yield command


def _open_quote(command: str) -> bool:
    try:
        shlex.split(command)
    except ValueError:
        return True
    return False


def _shown(command: str) -> list[str]:
    program, *arguments = shlex.split(command)
    if program != "derive":
        raise ValueError(f"only derive is run: {command}")
    return [PROMPT + command, *(line.rstrip() for line in _output(arguments).splitlines())]


def _output(arguments: list[str]) -> str:
    """What `derive` prints for these arguments, results and errors alike."""
    printed = io.StringIO()
    with chdir(ROOT), redirect_stdout(printed), redirect_stderr(printed):
        cli.main(arguments)
    return printed.getvalue()


def _entry(number: str, code: Code) -> str:
    entry = f"### {number}: {code.title}\n\n{_filled(code.meaning)}\n"
    if code.example is None:
        return entry
    return f"{entry}\n{_fenced(code.example)}\n{_fenced(message_of(number, code.example))}"


def _rule(rule: Rule) -> str:
    example = rule.example()
    shown = [f"law      {rule.law}", f"example  {_shown_example(example)}"]
    facts = [f"Source: {source_of(rule)}.", f"Why it ends: {rule.ends}."]
    listed = "\n".join(_filled(f"- {fact}", hanging="  ") for fact in facts)
    head = f"### {rule.name.capitalize()}\n\n{_fenced(chr(10).join(shown))}"
    return f"{head}\n{_prose(rule.note)}\n\n{listed}\n"


def _shown_example(example: Example) -> str:
    """before → after, and what the names in it stand for."""
    before, after = spell(example.before, "unicode"), spell(example.after, "unicode")
    defined = [
        Equation(given.left, tree(given.terms, given.left.indices))
        for given in example.given
        if isinstance(given, Definition)
    ]
    where = [spell_equation(equation, "unicode") for equation in (*defined, *example.where)]
    return "  where  ".join([f"{before}  →  {after}", *where])


def _prose(docstring: str) -> str:
    paragraphs = inspect.cleandoc(docstring).split("\n\n")
    return "\n\n".join(map(_filled, paragraphs))


def _filled(text: str, hanging: str = "") -> str:
    return fill(
        text,
        WIDTH,
        subsequent_indent=hanging,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _fenced(text: str) -> str:
    return f"```text\n{text}\n```\n"


def main() -> None:
    ERRORS_PAGE.write_text(errors_page(), encoding="utf-8")
    RULEBOOK_PAGE.write_text(rulebook_page(), encoding="utf-8")
    for page in pages():
        text = page.read_text(encoding="utf-8")
        page.write_text(current(text), encoding="utf-8")


if __name__ == "__main__":
    main()
