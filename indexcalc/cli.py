"""`derive`: the catalogue, and how a program is read."""

from __future__ import annotations

import os
import sys
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
    """Run the command; 0 is done, 2 is wrong input."""
    try:
        return _run(sys.argv[1:] if argv is None else argv)
    except IndexcalcError as error:
        _say(str(error), sys.stderr)
        return 2
    except BrokenPipeError:
        # The reader went away; keep the interpreter from complaining at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


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


def _say(text: str, stream: TextIO | None = None) -> int:
    print("\n".join(map(visible, text.split("\n"))), file=stream or sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
