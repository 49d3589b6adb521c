"""What the command refuses, beside the files that it is given."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

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
        "a reading by some tensors",
        ["layernorm", "--read", "--wrt", "x"],
        """\
error IC205: --read prints the reading alone, and --wrt has no part in it
hint: leave out --read or --wrt
""",
    ),
    (
        "steps of shapes",
        ["layernorm", "--shapes", "--steps", "all"],
        """\
error IC205: --shapes prints the shapes alone, and --steps has no part in it
hint: leave out --shapes or --steps
""",
    ),
    (
        "a Jacobian of shapes",
        ["layernorm", "--shapes", "--jacobian"],
        """\
error IC205: --shapes prints the shapes alone, and --jacobian has no part in it
hint: leave out --shapes or --jacobian
""",
    ),
    (
        "entries in a notation",
        ["layernorm", "--notation=sum", "--write-out"],
        """\
error IC205: --write-out prints the entries alone, and --notation has no part in it
hint: leave out --write-out or --notation
""",
    ),
    (
        "entries and shapes",
        ["layernorm", "--shapes", "--write-out"],
        """\
error IC205: --shapes prints the shapes alone, and --write-out has no part in it
hint: leave out --shapes or --write-out
""",
    ),
    (
        "a dtype of entries",
        ["layernorm", "--write-out", "--dtype", "float64"],
        """\
error IC205: --write-out prints the entries alone, and --dtype has no part in it
hint: leave out --write-out or --dtype
""",
    ),
    (
        "a dtype of nothing",
        ["layernorm", "--dtype", "float64"],
        """\
error IC205: --dtype is for --shapes
hint: write --shapes --dtype float64
""",
    ),
    (
        "a proof without the check that it adds to",
        ["layernorm", "--no-check", "--exact"],
        """\
error IC205: --no-check leaves out the check, and --exact is for it
hint: leave out --no-check or --exact
""",
    ),
    (
        "a size that a proof has not",
        ["layernorm", "--exact", "--sizes", "z=3"],
        """\
error IC605: layernorm has no size z
hint: it has B, H
""",
    ),
    (
        "sizes for a check that is left out",
        ["layernorm", "--no-check", "--sizes", "b=3"],
        """\
error IC205: --no-check leaves out the check, and --sizes is for it
hint: leave out --no-check or --sizes
""",
    ),
    (
        "a check that is left out and wanted",
        ["layernorm", "--check", "--no-check"],
        """\
error IC205: --check prints the check alone, and --no-check has no part in it
hint: leave out --check or --no-check
""",
    ),
    (
        "steps beside the check alone",
        ["layernorm", "--check", "--steps", "all"],
        """\
error IC205: --check prints the check alone, and --steps has no part in it
hint: leave out --check or --steps
""",
    ),
    (
        "a seed that is no number",
        ["layernorm", "--seed", "x"],
        """\
error IC205: --seed needs a whole number from 0 on, of at most 20 digits, not x
hint: write --seed 1
""",
    ),
    (
        "a size that a check cannot have",
        ["layernorm", "--check", "--sizes", "b=0"],
        """\
error IC604: the size B is a whole number from 1 on, not 0
hint: write b=3
""",
    ),
    (
        "sizes that are too large to be checked",
        ["matmul", "--check", "--sizes", "i=4000,j=4000,k=4000"],
        """\
error IC106: a value has 6.4e+10 entries on the way, and 5e+08 is the most
hint: give smaller arrays or sizes, or name a part of a product that is summed first
""",
    ),
    (
        "a dtype misspelt",
        ["layernorm", "--shapes", "--dtype", "flaot32"],
        """\
error IC205: --dtype cannot be flaot32
hint: did you mean float32?
""",
    ),
    (
        "an unknown dtype",
        ["layernorm", "--shapes", "--dtype", "int8"],
        """\
error IC205: --dtype cannot be int8
hint: it is one of float64, float32, bfloat16, float16, float8
""",
    ),
    (
        "sizes without lengths",
        ["layernorm", "--shapes", "--sizes", "b"],
        """\
error IC205: --sizes has b where a size and its length should be
hint: write names and whole numbers: b=3,h=5
""",
    ),
    (
        "sizes with two commas",
        ["layernorm", "--shapes", "--sizes", "b=3,,h=5"],
        """\
error IC205: --sizes has nothing where a size and its length should be
hint: write names and whole numbers: b=3,h=5
""",
    ),
    (
        "sizes that are no whole numbers",
        ["layernorm", "--shapes", "--sizes", "b=3,h=2.5"],
        """\
error IC205: --sizes has h=2.5 where a size and its length should be
hint: write names and whole numbers: b=3,h=5
""",
    ),
    (
        "a size twice",
        ["layernorm", "--shapes", "--sizes", "b=3,b=5"],
        """\
error IC205: --sizes has b twice
hint: give it once
""",
    ),
    (
        "a size under two names",
        ["layernorm", "--shapes", "--sizes", "b=3,B=5"],
        """\
error IC605: b and B are both the size B
hint: give it once
""",
    ),
    (
        "an unknown size",
        ["layernorm", "--write-out", "--sizes", "n=3"],
        """\
error IC605: layernorm has no size n
hint: it has B, H
""",
    ),
    (
        "a length of nothing",
        ["layernorm", "--shapes", "--sizes", "b=0"],
        """\
error IC604: the size B is a whole number from 1 on, not 0
hint: write b=3
""",
    ),
    (
        "a length beyond any axis",
        ["layernorm", "--shapes", "--sizes", "b=9223372036854775808"],
        """\
error IC604: the size B is a whole number from 1 on, not 9223372036854775808
hint: write b=3
""",
    ),
    (
        "an entry that divides by zero",
        ["y[i,j] = x[i]/delta[i,j]", "--write-out"],
        """\
error IC109: an entry has 0^-1 in it, which is no real number
hint: leave out --write-out: the derivation itself names no entries
""",
    ),
    (
        "sizes at which a number divides by zero",
        ["y = 1/(K - 1)*1[k]*x[k]", "--write-out", "--sizes", "k=1"],
        """\
error IC109: 1/(K - 1) is no real number at these sizes
hint: give other ones: --sizes b=3,h=5
""",
    ),
    (
        "sizes at which a root is of a negative number",
        ["y = sqrt(K - 3)*1[k]*x[k]", "--write-out"],
        """\
error IC109: √(K - 3) is no real number at these sizes
hint: give other ones: --sizes b=3,h=5
""",
    ),
    (
        "sizes at which a number is very long",
        ["y = 2^(3^K)*1[k]*x[k]", "--write-out", "--sizes", "k=9223372036854775807"],
        """\
error IC107: 3^K has too many digits at these sizes
hint: give smaller ones: --sizes b=3,h=5
""",
    ),
    (
        "a fragment of a text",
        ["layernorm", "--fragment"],
        """\
error IC205: --fragment is for --format latex
hint: write --format latex --fragment
""",
    ),
    (
        "an unknown option",
        ["-x", "y = 1"],
        """\
error IC205: derive has no option -x
hint: derive --help lists the options
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
        "an option without its value",
        ["layernorm", "--wrt"],
        """\
error IC205: --wrt needs NAMES
hint: write --wrt NAMES
""",
    ),
    (
        "an option with an empty value",
        ["--steps=", "layernorm"],
        """\
error IC205: --steps needs HOW
hint: it is one of all, main, none
""",
    ),
    (
        "an option with another value",
        ["layernorm", "--format", "html"],
        """\
error IC205: --format cannot be html
hint: it is one of text, latex, json
""",
    ),
    (
        "an option with a value misspelt",
        ["layernorm", "--steps=mian"],
        """\
error IC205: --steps cannot be mian
hint: did you mean main?
""",
    ),
    (
        "an option that takes nothing",
        ["--read=1", "layernorm"],
        """\
error IC205: --read takes nothing
hint: write --read alone
""",
    ),
    (
        "an option twice",
        ["--steps", "all", "matmul", "--steps=none"],
        """\
error IC205: --steps is given twice
hint: give it once
""",
    ),
    (
        "an empty name",
        ["layernorm", "--wrt", "x,,gamma"],
        """\
error IC205: --wrt has an empty name
hint: put one comma between two names: --wrt x,w
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
        "a tensor misspelt",
        ["layernorm", "--wrt", "gama"],
        """\
error IC315: layernorm has no tensor gama
hint: did you mean gamma?
""",
    ),
    (
        "a tensor that there is not",
        ["matmul", "--wrt=x,zork"],
        """\
error IC315: matmul has no tensor zork
hint: it has x, a, y
""",
    ),
    (
        "a gradient by a constant",
        ["layernorm", "--wrt", "eps"],
        """\
error IC315: eps is a constant, and constants are not differentiated
hint: make it an input: write eps without a default in the signature
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
