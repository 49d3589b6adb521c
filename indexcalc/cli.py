"""`derive`: the catalogue, and how a program is read."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TextIO

from indexcalc import __version__, catalogue
from indexcalc.errors import IndexcalcError, did_you_mean, visible

OPTIONS = {
    "--read": "only how it is read: sums, broadcasts, inputs, sizes",
    "--help": "this text",
    "--version": "the version",
}
USAGE = """usage: derive [NAME | FILE.idx | 'TEXT' | -] [--read]

  derive                            the catalogue
  derive layernorm                  one of its derivations
  derive my.idx                     a file
  derive 'y[i,j] = x[i,k]*a[k,j]'   a text
  derive -                          standard input
"""


def main(argv: list[str] | None = None) -> int:
    """Run the command; 0 is done, 2 is wrong input or output that nothing takes."""
    try:
        return _run(sys.argv[1:] if argv is None else argv)
    except IndexcalcError as error:
        # Where even this cannot be said, the exit code still says it.
        with suppress(IndexcalcError):
            # A mark for each letter that it lacks, so that the carets stay in their places.
            _write(str(error), sys.stderr, "replace")
        return 2
    except KeyboardInterrupt:
        return 130


def _run(arguments: list[str]) -> int:
    # What follows on -- is no option, whatever it begins with.
    end = arguments.index("--") if "--" in arguments else len(arguments)
    options = [a for a in arguments[:end] if a.startswith("-") and a != "-"]
    subjects = [a for a in arguments[:end] if a not in options] + arguments[end + 1 :]
    for option in options:
        if option not in OPTIONS and option != "-h":
            hint = did_you_mean(option, OPTIONS) or f"it has {', '.join(OPTIONS)}"
            if not option.startswith("--") and ("=" in option or option.endswith(".idx")):
                hint = "if it is a text or a file, write -- before it"
            raise IndexcalcError("IC205", f"derive has no option {option}", hint=hint)
    if "--help" in options or "-h" in options:
        return _say(USAGE + "\n" + "\n".join(f"  {k:<10} {v}" for k, v in OPTIONS.items()))
    if "--version" in options:
        return _say(f"indexcalc {__version__}")
    if not subjects and options:
        hint = "name one, or write a text: derive --read layernorm; derive alone lists them"
        raise IndexcalcError("IC205", "there is no program to read", hint=hint)
    if not subjects:
        return _catalogue()
    if len(subjects) > 1:
        raise IndexcalcError(
            "IC205", f"derive takes one program, and {len(subjects)} are given", hint="quote a text"
        )
    return _read(subjects[0])


def _catalogue() -> int:
    names = catalogue.names()
    width = max(map(len, names), default=0)
    return _say("\n".join(f"{name:<{width}}   {catalogue.summary(name)}" for name in names))


def _read(what: str) -> int:
    from indexcalc.lang.reading import read
    from indexcalc.render.echo import echo

    source = catalogue.find(what)
    return _say(echo(read(source, name=catalogue.function_name(source))).rstrip("\n"))


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
