"""The codes of errors: what each means, with a program that causes it.

docs/errors.md is written from here.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Code:
    """One kind of error: what it means, and (where a text can cause it) a text that does; some are
    of texts in matrix notation alone."""

    title: str
    meaning: str
    example: str | None = None
    of_matrices: bool = False


CODES: dict[str, Code] = {
    # Text
    "IC101": Code("empty input", "There is no statement to read.", "# only a comment"),
    "IC102": Code(
        "stray character",
        "A character that the language does not use. Its plain look-alike is offered.",
        "y[i] = x[i] · 2",
    ),
    "IC103": Code(
        "unbalanced bracket",
        "A bracket was opened and not closed by its own kind, or closed without being opened.",
        "y[i] = (x[i] + 1",
    ),
    "IC104": Code(
        "syntax",
        "Something else was expected here. Nothing is multiplied silently.",
        "y[i] = 2x[i]",
    ),
    "IC105": Code(
        "too deep",
        "Brackets, calls, powers and signs may be nested 200 deep. Name a part and use the name. "
        "Constants with sizes and names in them may be nested 60 deep, and their functions 8.",
        None,
    ),
    "IC106": Code(
        "too large",
        "A source may have 64 KB, an expression 64 open indices, and an array of the reference "
        "evaluator 500,000,000 entries.",
        None,
    ),
    "IC107": Code(
        "constant too long",
        "Constants are exact, and may have 10,000 digits, results of constant arithmetic included.",
        "y[i] = 10^10001 * x[i]",
    ),
    "IC108": Code("not UTF-8", "Source text is UTF-8.", None),
    "IC109": Code(
        "not a real number",
        "Arithmetic on constants came to something infinite, undefined or complex.",
        "y[i] = x[i] * (1/0)",
    ),
    # Files and the command
    "IC201": Code("no such file", "The file to read does not exist.", None),
    "IC202": Code("a directory", "A file was expected and a directory is there.", None),
    "IC203": Code(
        "unknown derivation",
        "The catalogue has no derivation of this name. Text has a `=`, a file ends in `.idx` or "
        "has a `/`.",
        None,
    ),
    "IC204": Code("unreadable file", "The system refused to read the file.", None),
    "IC205": Code(
        "wrong use of the command",
        "The command has no such option (it lists those it has), or takes one program and is given "
        "another number of them.",
        None,
    ),
    "IC206": Code("unwritable output", "The system refused to take the output.", None),
    "IC207": Code("no such function", "The file has no function of this name.", None),
    "IC208": Code("a file that fails", "A function's file is executed, and raised this.", None),
    # Names
    "IC301": Code(
        "unknown function",
        "Only known functions, the abstract f, g, h and those declared with `pointwise` are "
        "applied with round brackets.",
        "y[i] = tahn(x[i])",
    ),
    "IC302": Code(
        "unknown name",
        "With a signature, every name is an input, a constant or defined above.",
        "f(x[i], scale) -> y\ny[i] = scael*x[i]",
    ),
    "IC303": Code(
        "defined twice",
        "A name is defined once; use `+=` to add a term.",
        "y[i] = x[i]\ny[i] = 2*x[i]",
    ),
    "IC304": Code(
        "used before its definition",
        "A name is used only below its definition, and never in it.",
        "y[i] = z[i]\nz[i] = x[i]",
    ),
    "IC305": Code(
        "+= to an input", "Inputs are not changed.", "f(x[i]) -> y\nx[i] += 1\ny[i] = x[i]"
    ),
    "IC306": Code(
        "+= after a use",
        "A term is added before the name is used, so that a name has one value.",
        "y[i] = x[i]\nz[i] = y[i]\ny[i] += 1",
    ),
    "IC307": Code(
        "an index is not a name",
        "Within one statement a letter is either an index or a name.",
        "y[i] = i*x[i]",
    ),
    "IC308": Code(
        "wrong number of indices",
        "A tensor has the same number of indices wherever it is used.",
        "y[i] = x[i] + x[i,i]",
    ),
    "IC309": Code(
        "brackets on an order-0 name",
        "A name of order 0 takes no indices.",
        "f(x[i], s) -> y\ny[i] = s[i]*x[i]",
    ),
    "IC310": Code(
        "reserved name", "`pi`, `delta` and `size` have one meaning each.", "pi = x[i]*x[i]"
    ),
    "IC311": Code(
        "a capital with two meanings",
        "A bare capital is the size of its lower-case index; it may not name two sizes, a size "
        "and a name, or the size of an index that is elsewhere only.",
        "y = a[k]*b[k]/K + c[k]*d[k]",
    ),
    "IC312": Code(
        "no such output",
        "Every output is defined by a statement.",
        "f(x[i]) -> z\ny[i] = x[i]",
    ),
    "IC313": Code(
        "wrong use of a function",
        "A function takes a fixed number of arguments in round brackets, and its name is then no "
        "tensor of the same program.",
        "y[i] = exp(x[i], 2)",
    ),
    "IC314": Code(
        "two names look alike",
        "Two names of one program would print as the same letter.",
        "y[i] = eps*epsilon*x[i]",
    ),
    "IC315": Code(
        "no such gradient",
        "A gradient is by a tensor of the program, an input or not, and has a value where it was "
        "asked for; constants are not differentiated.",
        None,
    ),
    "IC316": Code("a claim of no gradient", "A claim begins with a gradient, once: dx = ...", None),
    "IC317": Code(
        "a name of unknown shape",
        "In matrix notation without a signature capital Latin letters are matrices, small ones "
        "column vectors, small Greek ones scalars; any other name is declared, and a small letter "
        "too that would make a vector of a computed scalar.",
        "y = Σ*x",
        of_matrices=True,
    ),
    # Indices
    "IC401": Code(
        "lone index",
        "An index that occurs once in its term and not on the left is not summed silently.",
        "y[i] = a[i,k]",
    ),
    "IC402": Code(
        "both readings are legal",
        "The index could be summed over the whole product or inside its factors; neither is taken.",
        "y = a[k]*b[k]/(c[k]*d[k])",
    ),
    "IC403": Code(
        "one-tensor over a free index",
        "A one-tensor over free indices that its product has already does nothing; a sum was "
        "probably meant.",
        "y[b,h] = x[b,h] - 1/H*1[h]*x[b,h]",
    ),
    "IC404": Code(
        "repeated index", "Indices on the left, and of a binder, differ.", "y[i,i] = x[i]"
    ),
    # Sizes
    "IC501": Code(
        "size conflict",
        "Two different letters of the signature are sizes of their own; they may meet only "
        "through a delta.",
        "f(x[b,h], w[h]) -> y\ny[b,h] = x[b,h]*w[b]",
    ),
    "IC502": Code(
        "unknown size",
        "`size(h)` needs one index h of the statement or the signature.",
        "y[i] = x[i]/size(q)",
    ),
    "IC503": Code(
        "shapes that do not fit",
        "In matrix notation columns, rows, matrices and scalars are told apart, and none is taken "
        "for another.",
        "y = x*z",
        of_matrices=True,
    ),
    "IC504": Code(
        "undetermined size",
        "𝟏 and I have the size that fits; here nothing says which one does.",
        "Y = x*𝟏'",
        of_matrices=True,
    ),
    # Arrays
    "IC601": Code("missing value", "An input, an abstract function or a size was not given.", None),
    "IC602": Code("unknown keyword", "The program has nothing of this name to be given.", None),
    "IC603": Code("wrong shape", "An array's shape does not fit the program's indices.", None),
    "IC604": Code("not real numbers", "Values are arrays of real numbers.", None),
    "IC605": Code("unknown size", "A program has no size of this name, or more than one.", None),
    "IC606": Code("unknown dtype", "Bytes are counted for the dtypes that are listed.", None),
    "IC607": Code(
        "unknown target",
        "Code is emitted for the targets that are listed, and plain for numpy alone.",
        None,
    ),
    "IC608": Code("failed check", "Emitted code is checked before it is printed.", None),
    "IC609": Code("no check", "No point was found at which emitted code can be checked.", None),
    "IC610": Code("unknown arrays", "Functions take arrays of NumPy, torch or jax.", None),
    "IC611": Code("other parameters", "Upstream gradients and inputs are what is passed.", None),
    "IC612": Code("no gradients", "A backward function returns a gradient for each input.", None),
    "IC613": Code(
        "other adjoints", "Adjoints are arrays of real numbers by the names of tensors.", None
    ),
    "IC614": Code(
        "other layers",
        "Layers are tested as a list of forward and backward functions, with their parameters.",
        None,
    ),
    "IC615": Code(
        "no value of a layer",
        "A layer's forward function gives an array of finite numbers, the same each time, and what "
        "its backward function is given.",
        None,
    ),
    "IC616": Code(
        "no unfolding",
        "An array is unfolded along one of its axes, by column or by row, and folded back to the "
        "shape that it had; a matrix that multiplies it has a column for each entry of the axis.",
        None,
    ),
    # Not yet
    "IC701": Code(
        "no derivative yet", "Reductions max, min and prod have no derivative yet.", None
    ),
    "IC702": Code("no matrix form", "Matrices, vectors and scalars are not enough for it.", None),
    "IC703": Code(
        "no such matrix function yet",
        "Inverses, determinants, Kronecker products and vec are not available yet.",
        "y = inv(A)*x",
        of_matrices=True,
    ),
    "IC704": Code(
        "two conventions",
        "A matrix is unfolded by columns or by rows; what has parts of both has no meaning.",
        None,
    ),
    # SymPy
    "IC801": Code(
        "no translation",
        "A SymPy expression uses something that index notation does not have.",
        None,
    ),
}
