"""`derive`: the catalogue, how a program is read, and its derivation."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import redirect_stdout, suppress
from dataclasses import replace
from functools import reduce
from operator import add
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from indexcalc import __version__, catalogue, families
from indexcalc.errors import IndexcalcError, visible
from indexcalc.options import Request, help_text, lengths, parse, seed
from indexcalc.progress import Bar
from indexcalc.render.paint import Paint, plain

if TYPE_CHECKING:  # only what is asked for is loaded
    from indexcalc.against.claiming import ClaimReview
    from indexcalc.against.reviewing import Review
    from indexcalc.derivation import Derivation
    from indexcalc.proof.report import Report
    from indexcalc.render.page import Page

USAGE = """usage: derive [NAME | FILE.idx | 'TEXT' | -] [OPTIONS]

  derive                            the catalogue
  derive layernorm                  one of its derivations
  derive tcl:4                      a member of a family; mlp:32 is another
  derive my.idx                     a file
  derive 'y[i,j] = x[i,k]*a[k,j]'   a text
  derive -                          standard input
"""
# What the exit code says of the gradients.
_CODES = {"verified": 0, "WRONG": 1, "undecided": 3}
# Emitted code whose own check fails, or does not come to an end.
_ENDS = {"IC608": 1, "IC609": 3}
# How roles are shown on a terminal.
COLOURS = {"title": "1", "heading": "1;34", "rule": "36"}


def main(argv: list[str] | None = None) -> int:
    """Run the command: 0 is done and verified, 1 a wrong gradient, 2 wrong input or output that
    nothing takes, 3 a check that could not decide."""
    try:
        return _run(sys.argv[1:] if argv is None else argv)
    except IndexcalcError as error:
        # Where even this cannot be said, the exit code still says it.
        with suppress(IndexcalcError):
            # A mark for each letter that it lacks, so that the carets stay in their places.
            _write(str(error), sys.stderr, "replace")
        return _ENDS.get(error.code, 2)
    except KeyboardInterrupt:
        return 130


def _run(arguments: list[str]) -> int:
    request = parse(arguments)
    if "--help" in request:
        return _say(f"{USAGE}\n{help_text()}")
    if "--version" in request:
        return _say(f"indexcalc {__version__}")
    if not request.subjects and request.options:
        hint = "name one, or write a text: derive --read layernorm; derive alone lists them"
        raise IndexcalcError("IC205", "there is no program to read", hint=hint)
    if not request.subjects:
        return _catalogue()
    if len(request.subjects) > 1:
        count = len(request.subjects)
        raise IndexcalcError(
            "IC205", f"derive takes one program, and {count} are given", hint="quote a text"
        )
    (what,) = request.subjects
    request.refuse_idle()
    if "--read" in request:
        return _read(what, request)
    if "--against" in request or "--claim" in request:
        return _review(what, request)
    if "--matrix" in request:
        return _matrix(what, request)
    return _emit(what, request) if "--emit" in request else _derive(what, request)


def _catalogue() -> int:
    entries = families.entries()
    width = max((len(name) for name, _ in entries), default=0)
    return _say("\n".join(f"{name:<{width}}   {summary}" for name, summary in entries))


def _read(what: str, request: Request) -> int:
    from indexcalc.render.echo import echo

    if "--from-matrix" in request:
        from indexcalc.forms.inward.reading import read
    else:
        from indexcalc.lang.reading import read
    source = families.find(what)
    text = echo(read(source, name=catalogue.function_name(source))).rstrip("\n")
    return _result(lambda _: text, request)


def _derivation(what: str, request: Request) -> Derivation:
    from indexcalc.derivation import derive, from_matrix

    made = from_matrix if "--from-matrix" in request else derive
    return made(what, wrt=_names(request) if "--wrt" in request else None)


def _derive(what: str, request: Request) -> int:
    with Bar("deriving") as bar:
        derivation = _derivation(what, request)
        sizes = lengths(request.value("--sizes")) if "--sizes" in request else {}
        page = _page(derivation, request, sizes)
        report = _report(derivation, request, sizes, bar)
    if report is not None:
        page = replace(page, blocks=(*page.blocks, *report.blocks()))
    _shown(page, request)
    return _CODES[report.verdict.value] if report is not None else 0


def _matrix(what: str, request: Request) -> int:
    """Matrix notation, each form computed beside its formula with indices."""
    with Bar("deriving"):
        derivation = _derivation(what, request)
        point = seed(request.value("--seed"))
        page, agrees = derivation.matrix_page(
            request.value("--steps"),
            seed=point,
            by=request.value("--vec"),
            jacobians="--jacobian" in request,
        )
    _shown(page, request)
    return 0 if agrees else 1


def _emit(what: str, request: Request) -> int:
    """Code, once it has passed its own check."""
    from indexcalc.codegen.compiled import checked

    with Bar("deriving") as bar:
        derivation = _derivation(what, request)
        sizes = lengths(request.value("--sizes")) if "--sizes" in request else {}
        target = request.value("--emit")
        text = derivation.emit(target, sizes, plain="--plain" in request)
        if "--no-check" not in request:
            bar.says("checking the code")
            checked(text, derivation.program.name, seed(request.value("--seed")))
    return _result(lambda _: text.rstrip("\n"), request)


def _review(what: str, request: Request) -> int:
    """Somebody's function, or formula, against the derivation."""
    from indexcalc.render.opening import page_of

    way = _claimed if "--claim" in request else _against
    with Bar("asking") as bar:
        derivation = _derivation(what, request)
        # What the user's file prints is not a part of the review.
        with redirect_stdout(sys.stderr):
            review = way(derivation, request, bar)
    _shown(page_of(derivation.program, iter(review.blocks())), request)
    return _CODES[review.verdict.value]


def _claimed(derivation: Derivation, request: Request, bar: Bar) -> ClaimReview:
    sizes = lengths(request.value("--sizes")) if "--sizes" in request else {}
    point = seed(request.value("--seed"))
    text = request.value("--claim")
    return derivation.check_claim(text, sizes=sizes, seed=point, watch=bar.watch)


def _against(derivation: Derivation, request: Request, bar: Bar) -> Review:
    from indexcalc.against.loading import Files

    files = Files()
    options = [option for option in ("--against", "--forward") if option in request]
    backward, *forward = (files.function(request.value(option), option) for option in options)
    return derivation.check_against(
        backward,
        forward=forward[0] if forward else None,
        library=request.value("--library"),
        device=request.value("--device"),
        dtypes=request.options.get("--dtype", "float64,float32").split(","),
        sizes=lengths(request.value("--sizes")) if "--sizes" in request else {},
        seed=seed(request.value("--seed")),
        watch=bar.watch,
    )


def _page(derivation: Derivation, request: Request, sizes: dict[str, int]) -> Page:
    """What is printed of a derivation, but for its check."""
    jacobians = "--jacobian" in request
    if "--shapes" in request:
        return derivation.shapes(sizes, request.value("--dtype"))
    if "--values" in request:
        from indexcalc.lang.values import given

        values = given(request.value("--values"), "--values")
        return derivation.values(sizes, seed(request.value("--seed")), **values).page
    if "--write-out" in request:
        return derivation.write_out(sizes, jacobians=jacobians)
    notation = request.value("--notation")
    page = derivation.page(request.value("--steps"), notation, jacobians=jacobians)
    return replace(page, blocks=()) if "--check" in request else page


def _report(
    derivation: Derivation, request: Request, sizes: dict[str, int], bar: Bar
) -> Report | None:
    """What the check finds, where there is one."""
    if any(option in request for option in ("--shapes", "--values", "--write-out", "--no-check")):
        return None
    if not derivation.wrt and "--check" not in request:
        return None
    point = seed(request.value("--seed"))
    ways = {
        "": ("checking gradients", derivation.check),
        "--exact": ("proving", derivation.prove),
        "--check-steps": ("checking steps", derivation.check_steps),
        "--cross-check": ("asking torch and jax", derivation.cross_check),
    }
    if request.value("--notation") == "frobenius":
        ways["--notation"] = ("comparing notations", derivation.check_frobenius)
    reports = []
    for option, (words, way) in ways.items():
        if not option or option in request:
            bar.says(words)
            reports.append(way(point, sizes, bar.watch))
    return reduce(add, reports)


def _shown(page: Page, request: Request) -> None:
    """The page in the format asked for."""
    notation, form = request.value("--notation"), request.value("--format")
    if form == "latex":
        from indexcalc.render.latex import latex

        document = latex(page, notation, fragment="--fragment" in request)
        _result(lambda _: document.rstrip("\n"), request)
    elif form == "json":
        from indexcalc.render.json import json

        _result(lambda _: json(page, notation), request)
    else:
        from indexcalc.render.text import text

        _result(lambda paint: text(page, notation, paint).rstrip("\n"), request)


def _names(request: Request) -> list[str]:
    given = request.value("--wrt")
    names = [name.strip() for name in given.split(",")] if given else []
    if not all(names):
        raise IndexcalcError(
            "IC205", "--wrt has an empty name", hint="put one comma between two names: --wrt x,w"
        )
    return names


def _result(shown: Callable[[Paint], str], request: Request) -> int:
    """The result on standard output, in colour on a terminal, or in a file."""
    if "-o" in request:
        return _save(shown(plain), Path(request.value("-o")))
    # https://no-color.org; rich would still write in bold.
    if sys.stdout is not None and sys.stdout.isatty() and not os.environ.get("NO_COLOR"):
        return _colour(shown(_painted))
    return _say(shown(plain))


def _save(text: str, path: Path) -> int:
    try:
        path.write_text(text + "\n", encoding="utf-8")
    except (OSError, ValueError) as problem:
        reason = catalogue.reason(problem) if isinstance(problem, OSError) else str(problem)
        raise IndexcalcError(
            "IC206", f"{path} cannot be written: {reason}", hint="give another path with -o"
        ) from None
    return 0


def _painted(text: str, role: str) -> str:
    return f"\x1b[{COLOURS[role]}m{text}\x1b[0m"


def _colour(text: str) -> int:
    """rich knows what the terminal can show."""
    from rich.console import Console
    from rich.text import Text

    Console(highlight=False, soft_wrap=True).print(Text.from_ansi(text))
    return 0


def _say(text: str) -> int:
    _write(text, sys.stdout, "backslashreplace")
    return 0


def _write(text: str, stream: TextIO | None, lacking: str) -> None:
    """Print, safe on a terminal and in the characters that the stream has."""
    if stream is None:
        raise _unwritten("it is closed")
    shown = "\n".join(map(visible, text.split("\n")))
    encoding = stream.encoding or "utf-8"
    try:
        print(shown.encode(encoding, lacking).decode(encoding), file=stream, flush=True)
    except BrokenPipeError:
        _drop(stream)  # the reader has seen enough
    except OSError as problem:
        _drop(stream)
        raise _unwritten(catalogue.reason(problem)) from None


def _unwritten(reason: str) -> IndexcalcError:
    return IndexcalcError(
        "IC206", f"the output cannot be written: {reason}", hint="send it to another place"
    )


def _drop(stream: TextIO) -> None:
    """Send what a stream still holds nowhere, so that the interpreter does not fail on it."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


if __name__ == "__main__":
    sys.exit(main())
