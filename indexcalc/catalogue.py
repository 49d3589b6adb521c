"""Where derivations are found: the bundled ones by name, a user's by file, text or standard input.

Nothing here needs SymPy, so that the catalogue prints at once.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from unicodedata import normalize

from indexcalc.errors import IndexcalcError, Source, Span, did_you_mean
from indexcalc.families import FAMILIES, member

SUFFIX = ".idx"
# What no name of a derivation has, so that a text is meant.
_NO_NAME = re.compile(r"[\s()\[\];,+*^#]|->")


def folder() -> Path:
    """The bundled derivations: inside the installed package, or beside it in a checkout."""
    package = Path(__file__).resolve().parent
    inside = package / "derivations"
    return inside if inside.is_dir() else package.parent / "derivations"


def names() -> list[str]:
    """The bundled derivations, in order of name."""
    return sorted(path.stem for path in folder().glob(f"*{SUFFIX}"))


def summary(name: str) -> str:
    """The first line of a derivation's description."""
    with (folder() / f"{name}{SUFFIX}").open(encoding="utf-8") as file:
        return file.readline().lstrip("#").strip()


def entries() -> list[tuple[str, str]]:
    """Every derivation with its summary; a family says which members it has."""
    listed = []
    for name in names():
        family = FAMILIES.get(name)
        members = f" ({name}:{family.least} to {name}:{family.most})" if family else ""
        listed.append((name, summary(name) + members))
    return listed


def find(what: str) -> Source:
    """Text has a `=`; a file ends in .idx or has a /; - is standard input; else a name."""
    if "=" in what or not what.strip():
        return Source(_plain(what), "text")
    if what == "-":
        return _decoded(sys.stdin.buffer.read(), "standard input")
    if what.endswith(SUFFIX) or "/" in what:
        return _file(Path(what))
    if what in names():
        return _file(folder() / f"{what}{SUFFIX}", shown=f"{what}{SUFFIX}")
    stem, colon, number = what.partition(":")
    if colon and stem in FAMILIES:
        return Source(member(stem, number), f"{stem}{SUFFIX}")
    if _NO_NAME.search(what):
        raise IndexcalcError(
            "IC101",
            "this text has no statement, which would have a =",
            hint="write one: y[i] = x[i,k]*w[k]",
            source=Source(_plain(what), "text"),
            spans=[Span(0, len(what))],
        )
    raise IndexcalcError(
        "IC203",
        f"there is no derivation {what} in the catalogue",
        hint=did_you_mean(what, names())
        or "run derive to see the names; text has a =, a file ends in .idx",
    )


def function_name(source: Source) -> str:
    """What a function without a signature is called: after its file, or f."""
    stem = Path(source.name).stem
    return stem if source.name.endswith(SUFFIX) and stem.isidentifier() else "f"


def _file(path: Path, shown: str | None = None) -> Source:
    name = shown or str(path)
    try:
        return _decoded(path.read_bytes(), name)
    except (FileNotFoundError, NotADirectoryError):
        raise IndexcalcError(
            "IC201", f"there is no file {name}", hint="check the path; text has a ="
        ) from None
    except IsADirectoryError:
        inside = min(path.glob(f"*{SUFFIX}"), default=None)
        raise IndexcalcError(
            "IC202",
            f"{name} is a directory",
            hint=f"name a file in it, such as {inside}" if inside else "name a file",
        ) from None
    except (OSError, ValueError) as problem:
        said = getattr(problem, "strerror", None)
        raise IndexcalcError(
            "IC204",
            f"{name} cannot be read: {said[:1].lower() + said[1:] if said else problem}",
            hint="check its permissions" if isinstance(problem, OSError) else "check its name",
        ) from None


def _decoded(data: bytes, name: str) -> Source:
    try:
        return Source(_plain(data.decode("utf-8")), name)
    except UnicodeDecodeError as problem:
        place = len(data[: problem.start].decode("utf-8"))
        raise IndexcalcError(
            "IC108",
            f"byte {problem.start} is not UTF-8",
            hint="save the text as UTF-8",
            source=Source(data.decode("utf-8", "replace"), name),
            spans=[Span(place, place + 1)],
        ) from None


def _plain(text: str) -> str:
    """One kind of newline, no byte-order mark, and letters with their accents."""
    text = text.removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}")
    return normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
