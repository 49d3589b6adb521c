"""What the command refuses to read of what it is given, and where it cannot write."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

# The command's arguments, run beside the files that `files` makes, and the whole message.
PROGRAMS: list[tuple[str, list[str], str]] = [
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
hint: write one: y[i] = x[i,k]*w[k], or Y = X*W with --from-matrix
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
hint: write one: y[i] = x[i,k]*w[k], or Y = X*W with --from-matrix
""",
    ),
    (
        "a file that fails for a reason of its own",
        ["Lost.idx"],
        """\
error IC204: Lost.idx cannot be read: No luck with /Mnt/Lost.idx
hint: copy the text to another file and read that
""",
    ),
    (
        "a path that no file has",
        ["No\0File.idx"],
        """\
error IC201: there is no file No\N{REPLACEMENT CHARACTER}File.idx
hint: check the path; text has a =
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
        "a member beyond the last",
        ["tcl:99"],
        """\
error IC203: there is no tcl:99 in the catalogue
hint: tcl:N is for N from 2 to 8, the order of its tensor
""",
    ),
    (
        "a member before the first",
        ["mlp:0"],
        """\
error IC203: there is no mlp:0 in the catalogue
hint: mlp:N is for N from 1 to 999, the number of its layers
""",
    ),
    (
        "a member that is no number",
        ["tcl:²"],
        """\
error IC203: there is no tcl:² in the catalogue
hint: tcl:N is for N from 2 to 8, the order of its tensor
""",
    ),
    (
        "a member without its number",
        ["mlp:"],
        """\
error IC203: there is no mlp: in the catalogue
hint: mlp:N is for N from 1 to 999, the number of its layers
""",
    ),
    (
        "a member of no family",
        ["layernorm:3"],
        """\
error IC203: there is no derivation layernorm:3 in the catalogue
hint: did you mean layernorm?
""",
    ),
    (
        "a derivative that there is not",
        ["y[i] = max[k](x[i,k])"],
        """\
error IC701: the derivative of max is not available yet
hint: write x without it, or differentiate by another tensor
""",
    ),
    (
        "a result in a missing folder",
        ["matmul", "-o", "missing/page.txt"],
        """\
error IC206: missing/page.txt cannot be written: no such file or directory
hint: give another path with -o
""",
    ),
    (
        "a result in a directory",
        ["matmul", "-o", "folder"],
        """\
error IC206: folder cannot be written: is a directory
hint: give another path with -o
""",
    ),
    (
        "a result in a path that no file has",
        ["matmul", "-o", "a\0b"],
        """\
error IC206: a\N{REPLACEMENT CHARACTER}b cannot be written: embedded null byte
hint: give another path with -o
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
error IC106: large.idx has more than the 65,536 bytes that are read
hint: split it into several derivations
""",
    ),
    (
        "a file without an end",
        ["/dev/zero"],
        """\
error IC106: /dev/zero has more than the 65,536 bytes that are read
hint: split it into several derivations
""",
    ),
    (
        "a link to itself",
        ["loop.idx"],
        """\
error IC204: loop.idx cannot be read: too many levels of symbolic links
hint: name the file itself, not a link that leads back to itself
""",
    ),
    (
        "a path that is too long",
        ["x" * 5000 + "/y.idx"],
        f"""\
error IC204: {"x" * 28}…{"x" * 22}/y.idx cannot be read: file name too long
hint: give a shorter path; text has a =
""",
    ),
    (
        "a disk that fails",
        ["broken.idx"],
        """\
error IC204: broken.idx cannot be read: input/output error
hint: copy the text to another file and read that
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

CLOSED = """\
error IC206: the output cannot be written: it is closed
hint: send it to another place
"""


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
    Path("loop.idx").symlink_to("loop.idx")
    opened = Path.open

    def guarded(path: Path, *mode: Any, **more: Any) -> Any:
        # A superuser may read any file, so permissions alone would not do.
        if path.name == "shut.idx":
            raise PermissionError(13, "Permission denied", str(path))
        if path.name == "broken.idx":
            raise OSError(5, "Input/output error", str(path))
        if path.name == "Lost.idx":
            raise OSError("No luck with /Mnt/Lost.idx")
        return opened(path, *mode, **more)

    monkeypatch.setattr(Path, "open", guarded)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"y = \xff\n")))
