"""What the command refuses, beside the files that it is given."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

# The command's arguments, run beside the files that `files` makes, and the whole message.
COMMANDS: list[tuple[str, list[str], str]] = [
    (
        "bytes that are not UTF-8",
        ["bad.idx"],
        """\
error IC108: byte 16 is not UTF-8
  in bad.idx, line 2, column 5:
  z = \N{REPLACEMENT CHARACTER}
      ^
hint: save the text as UTF-8
""",
    ),
    (
        "an argument that is not UTF-8",
        ["y = \udcff"],
        """\
error IC108: the text is not UTF-8 here
  in text, line 1, column 5:
  y = \N{REPLACEMENT CHARACTER}
      ^
hint: give the text as UTF-8
""",
    ),
    (
        "standard input that is not UTF-8",
        ["-"],
        """\
error IC108: byte 4 is not UTF-8
  in standard input, line 1, column 5:
  y = \N{REPLACEMENT CHARACTER}
      ^
hint: save the text as UTF-8
""",
    ),
    (
        "a missing file",
        ["missing.idx"],
        """\
error IC201: there is no file missing.idx
hint: check the path; text has a =
""",
    ),
    (
        "a file in a missing folder",
        ["missing/file"],
        """\
error IC201: there is no file missing/file
hint: check the path; text has a =
""",
    ),
    (
        "a directory",
        ["folder/"],
        """\
error IC202: folder is a directory
hint: name a file
""",
    ),
    (
        "a directory with derivations",
        ["full/"],
        """\
error IC202: full is a directory
hint: name a file in it, such as full/column.idx
""",
    ),
    (
        "a text without a statement",
        ["f(x[i]) -> y"],
        """\
error IC101: this text has no statement, which would have a =
  in text, line 1, column 1:
  f(x[i]) -> y
  ^^^^^^^^^^^^
hint: write one: y[i] = x[i,k]*w[k]
""",
    ),
    (
        "an expression alone",
        ["x^2"],
        """\
error IC101: this text has no statement, which would have a =
  in text, line 1, column 1:
  x^2
  ^^^
hint: write one: y[i] = x[i,k]*w[k]
""",
    ),
    (
        "a file that the system fails to read",
        ["Broken.idx"],
        """\
error IC204: Broken.idx cannot be read: No luck with /Mnt/Broken.idx
hint: check its permissions
""",
    ),
    (
        "a path that no file has",
        ["No\0File.idx"],
        """\
error IC204: No�File.idx cannot be read: embedded null byte
hint: check its name
""",
    ),
    (
        "a file that begins like an option",
        ["-dash.idx"],
        """\
error IC205: derive has no option -dash.idx
hint: if it is a text or a file, write -- before it
""",
    ),
    (
        "a text that begins like an option",
        ["-x = 3"],
        """\
error IC205: derive has no option -x = 3
hint: if it is a text or a file, write -- before it
""",
    ),
    (
        "no option after two dashes",
        ["--", "--read"],
        """\
error IC203: there is no derivation --read in the catalogue
hint: run derive to see the names; text has a =, a file ends in .idx
""",
    ),
    (
        "a derivation misspelt",
        ["layernrom"],
        """\
error IC203: there is no derivation layernrom in the catalogue
hint: did you mean layernorm?
""",
    ),
    (
        "an unknown derivation",
        ["zork"],
        """\
error IC203: there is no derivation zork in the catalogue
hint: run derive to see the names; text has a =, a file ends in .idx
""",
    ),
    (
        "a file that may not be read",
        ["shut.idx"],
        """\
error IC204: shut.idx cannot be read: permission denied
hint: check its permissions
""",
    ),
    (
        "an option misspelt",
        ["--raed", "y = 1"],
        """\
error IC205: derive has no option --raed
hint: did you mean --read?
""",
    ),
    (
        "an unknown option",
        ["-x", "y = 1"],
        """\
error IC205: derive has no option -x
hint: it has --read, --help, --version
""",
    ),
    (
        "no program",
        ["--read"],
        """\
error IC205: there is no program to read
hint: name one, or write a text: derive --read layernorm; derive alone lists them
""",
    ),
    (
        "two programs",
        ["y = 1", "z = 2"],
        """\
error IC205: derive takes one program, and 2 are given
hint: quote a text
""",
    ),
    (
        "a file with an error in it",
        ["wrong.idx"],
        """\
error IC401: k occurs once in its term and is not on the left
  in wrong.idx, line 2, column 12:
  y[i] = a[i,k]
             ^
hint: to sum over it, write 1[k]* or sum[k](...); to keep it, put k on the left
""",
    ),
    (
        "a file that is too large",
        ["large.idx"],
        """\
error IC106: the text has 65,537 bytes, and 65,536 is the most that is read
hint: split it into several derivations
""",
    ),
    (
        "an empty argument",
        [""],
        """\
error IC101: there is nothing to read
hint: write a statement: y[i] = x[i,k]*w[k]
""",
    ),
]


def files(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    Path("bad.idx").write_bytes(b"y[i] = x[i]\nz = \xff\n")
    Path("wrong.idx").write_text("# A row\ny[i] = a[i,k]\n", encoding="utf-8")
    Path("large.idx").write_text("#" * 65_537, encoding="utf-8")
    Path("shut.idx").write_text("y = 1\n", encoding="utf-8")
    Path("folder").mkdir()
    Path("full").mkdir()
    for name in ("row", "column"):
        Path(f"full/{name}.idx").write_text("y = 1\n", encoding="utf-8")
    opened = Path.read_bytes

    def guarded(path: Path) -> bytes:
        # A superuser may read any file, so permissions alone would not do.
        if path.name == "shut.idx":
            raise PermissionError(13, "Permission denied", str(path))
        if path.name == "Broken.idx":
            raise OSError("No luck with /Mnt/Broken.idx")
        return opened(path)

    monkeypatch.setattr(Path, "read_bytes", guarded)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"y = \xff\n")))
