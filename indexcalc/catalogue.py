"""Where derivations are found: the bundled ones by name, a user's by file, text or standard input.

Nothing here needs SymPy, so that the catalogue prints at once.
"""

from __future__ import annotations

import errno
import re
import sys
from pathlib import Path
from typing import BinaryIO
from unicodedata import normalize

from indexcalc.errors import MAX_BYTES, IndexcalcError, Source, Span, did_you_mean

SUFFIX = ".idx"
# What no name of a derivation has, so that a text is meant.
_NO_NAME = re.compile(r"[\s()\[\];,+*^#]|->")
# A way out for each of the system's reasons to refuse a file.
_HINTS = {
    errno.EACCES: "check its permissions",
    errno.EPERM: "check its permissions",
    errno.ELOOP: "name the file itself, not a link that leads back to itself",
    errno.ENAMETOOLONG: "give a shorter path; text has a =",
}


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


def find(what: str) -> Source:
    """Text has a `=`; a file ends in .idx or has a /; - is standard input; else a name."""
    if "=" in what or not what.strip():
        return Source(_plain(what), "text")
    if what == "-":
        return _piped()
    if what.endswith(SUFFIX) or "/" in what:
        return _file(Path(what))
    if what in names():
        return _file(folder() / f"{what}{SUFFIX}", shown=f"{what}{SUFFIX}")
    if _NO_NAME.search(what):
        raise IndexcalcError(
            "IC101",
            "this text has no statement, which would have a =",
            hint="write one: y[i] = x[i,k]*w[k], or Y = X*W with --from-matrix",
            source=Source(_plain(what), "text"),
            spans=[Span(0, len(what))],
        )
    raise IndexcalcError(
        "IC203",
        f"there is no derivation {_short(what)} in the catalogue",
        hint=did_you_mean(what, names())
        or "run derive to see the names; text has a =, a file ends in .idx",
    )


def function_name(source: Source) -> str:
    """What a function without a signature is called: after its file, or f."""
    stem = Path(source.name).stem
    return stem if source.name.endswith(SUFFIX) and stem.isidentifier() else "f"


def _piped() -> Source:
    piped: BinaryIO | None = getattr(sys.stdin, "buffer", None)
    if piped is None:
        raise IndexcalcError(
            "IC204", "there is no standard input to read", hint="pipe a text in: derive - < my.idx"
        )
    try:
        return _decoded(_bounded(piped), "standard input")
    except OSError as problem:
        raise _unreadable("standard input", problem) from None


def _file(path: Path, shown: str | None = None) -> Source:
    name = shown or str(path)
    try:
        with path.open("rb") as file:
            return _decoded(_bounded(file), name)
    except (FileNotFoundError, NotADirectoryError):
        raise _missing(name) from None
    except IsADirectoryError:
        inside = min(path.glob(f"*{SUFFIX}"), default=None)
        raise IndexcalcError(
            "IC202",
            f"{_short(name)} is a directory",
            hint=f"name a file in it, such as {_short(str(inside))}" if inside else "name a file",
        ) from None
    except OSError as problem:
        raise _unreadable(name, problem) from None
    except ValueError:  # no file can have such a name
        raise _missing(name) from None


def _bounded(file: BinaryIO) -> bytes:
    """All of a file, or a little more than is read of one that may never end."""
    return file.read(MAX_BYTES + 1)


def _missing(name: str) -> IndexcalcError:
    return IndexcalcError(
        "IC201", f"there is no file {_short(name)}", hint="check the path; text has a ="
    )


def _unreadable(name: str, problem: OSError) -> IndexcalcError:
    return IndexcalcError(
        "IC204",
        f"{_short(name)} cannot be read: {reason(problem)}",
        hint=_HINTS.get(problem.errno or 0, "copy the text to another file and read that"),
    )


def reason(problem: OSError) -> str:
    """What the system says, in the middle of a sentence; names in it keep their case."""
    said = problem.strerror
    return said[:1].lower() + said[1:] if said else str(problem)


def _short(name: str) -> str:
    """A name that leaves room for what is said of it."""
    return name if len(name) <= 60 else f"{name[:28]}…{name[-28:]}"


def _decoded(data: bytes, name: str) -> Source:
    if len(data) > MAX_BYTES:
        raise IndexcalcError(
            "IC106",
            f"{_short(name)} has more than the {MAX_BYTES:,} bytes that are read",
            hint="split it into several derivations",
        )
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
