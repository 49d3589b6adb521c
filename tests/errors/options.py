"""What the command refuses of its options."""

from __future__ import annotations

# The command's arguments, run beside the files of given.py, and the whole message.
OPTIONS: list[tuple[str, list[str], str]] = [
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
error IC205: --dtype is for --shapes and --against
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
error IC604: the size B is at most 2^63 - 1, not 9223372036854775808
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
]
