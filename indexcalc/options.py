"""The options of `derive`: what they are called, what they take, and what was asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from indexcalc.codegen import targets
from indexcalc.errors import IndexcalcError, did_you_mean


@dataclass(frozen=True, slots=True)
class Option:
    """What an option is for, what it takes (nothing where empty), the values it may have, whether
    it may be given an empty one, and whether several with commas between them."""

    words: str
    takes: str = ""
    values: tuple[str, ...] = ()
    empty: bool = False
    several: bool = False


# Values that take more are not listed by --help.
WIDEST = 20
# More digits than the length of any axis has.
MOST_DIGITS = 20
DTYPES = ("float64", "float32", "bfloat16", "float16", "float8")
OPTIONS = {
    "--from-matrix": Option("the program is in matrix notation: Y = A*B'"),
    "--read": Option("only how it is read: sums, broadcasts, inputs, sizes"),
    "--wrt": Option("tensors to differentiate by, inputs or not: x,gamma", "NAMES", empty=True),
    "--steps": Option("how much of the work to show", "HOW", ("all", "main", "none")),
    "--notation": Option(
        "sums unwritten or with Σ, or matrices", "HOW", ("einstein", "sum", "frobenius")
    ),
    "--format": Option("what is written", "FORMAT", ("text", "latex", "json")),
    "--fragment": Option("with latex: the body of the document only"),
    "--jacobian": Option("also the Jacobian of each output"),
    "--matrix": Option("only definitions and gradients in matrix notation"),
    "--vec": Option("how it stacks matrices and unfolds tensors", "HOW", ("column", "row")),
    "--shapes": Option("only shapes: tensors, gradients, Jacobians"),
    "--write-out": Option("only the function and its gradients, entry by entry"),
    "--values": Option("only values, gate by gate: x=3,y=[1,2], or random", "VALUES"),
    "--emit": Option("only code: a module, or the plan it is made from", "TARGET", targets.names()),
    "--plain": Option("with --emit numpy: text to read, not the fastest"),
    "--check": Option("only the check of the gradients"),
    "--no-check": Option("without the check"),
    "--exact": Option("also a proof by exact arithmetic at small sizes"),
    "--check-steps": Option("also the value of every step"),
    "--cross-check": Option("also against torch and jax, where they are installed"),
    "--against": Option("only a review of your backward function", "FILE:FUNCTION"),
    "--forward": Option("with --against: your forward function", "FILE:FUNCTION"),
    "--library": Option("with --against: whose arrays it takes", "NAME", ("numpy", "torch", "jax")),
    "--device": Option("with --against: where tensors of torch are: cuda", "DEVICE"),
    "--claim": Option("only a review of a formula: 'dx[p] = ...'", "TEXT"),
    "--sizes": Option("lengths of axes: b=3,h=5", "SIZES"),
    "--seed": Option("another random point for the check", "NUMBER"),
    "--dtype": Option(
        "of --shapes, or several of --against: float32", "TYPE", DTYPES, several=True
    ),
    "-o": Option("write to a file", "FILE"),
    "--help": Option("this text"),
    "--version": Option("the version"),
}
_SHORT = {"-h": "--help"}


@dataclass(slots=True)
class Request:
    """The options given, those that take something with it, and the programs."""

    options: dict[str, str] = field(default_factory=dict)
    subjects: list[str] = field(default_factory=list)

    def __contains__(self, option: str) -> bool:
        return option in self.options

    def value(self, option: str) -> str:
        """What was given, or the option's default."""
        return self.options.get(option) or _DEFAULTS.get(option, "")

    def refuse_idle(self) -> None:
        """An option that would do nothing beside the others is a misunderstanding."""
        if "--fragment" in self and self.value("--format") != "latex":
            hint = "write --format latex --fragment"
            raise IndexcalcError("IC205", "--fragment is for --format latex", hint=hint)
        for alone, (printed, parts) in _ALONE.items():
            for name in self.options if alone in self else ():
                if name not in (alone, "--from-matrix", *parts):
                    said = f"{alone} prints {printed} alone, and {name} has no part in it"
                    hint = f"leave out {alone} or {name}"
                    raise IndexcalcError("IC205", said, hint=hint)
        for name in _OF_INDICES if self.value("--notation") == "frobenius" else ():
            if name in self:
                said = f"{name} is for derivations with indices, and --notation frobenius has none"
                raise IndexcalcError("IC205", said, hint=f"leave out --notation or {name}")
        for name in _OF_CHECKS if "--no-check" in self else ():
            if name in self and not (name == "--sizes" and "--emit" in self):
                said = f"--no-check leaves out the check, and {name} is for it"
                raise IndexcalcError("IC205", said, hint=f"leave out --no-check or {name}")
        self.refuse_dtypes()
        for name in _OF_REVIEWS if "--against" not in self else ():
            if name in self:
                hint = "write --against FILE:FUNCTION, your backward function, too"
                raise IndexcalcError("IC205", f"{name} is for --against", hint=hint)
        if "--vec" in self and "--matrix" not in self:
            hint = "write --matrix, and --jacobian for Kronecker products"
            raise IndexcalcError("IC205", "--vec is for --matrix", hint=hint)
        if "--plain" in self and self.value("--emit") != "numpy":
            hint = "write --emit numpy --plain"
            raise IndexcalcError("IC205", "--plain is for --emit numpy", hint=hint)

    def refuse_dtypes(self) -> None:
        """Shapes are of one, and no function is asked in float8."""
        given = self.value("--dtype")
        if "--dtype" in self and "--shapes" not in self and "--against" not in self:
            hint = f"write --shapes --dtype {given}"
            raise IndexcalcError("IC205", "--dtype is for --shapes and --against", hint=hint)
        if "--shapes" in self and "," in given:
            said = f"--shapes are of one dtype, not of {given}"
            raise IndexcalcError("IC205", said, hint=f"write --dtype {given.partition(',')[0]}")
        if "--against" in self and "float8" in given.split(","):
            said = "no function is asked in float8"
            raise IndexcalcError("IC205", said, hint="leave it out")


_PAGE = ("--wrt", "--format", "--fragment", "--sizes", "-o")
# What is checked, and what a check is told.
_OF_CHECKS = ("--check", "--exact", "--check-steps", "--cross-check", "--sizes", "--seed")
_OF_INDICES = ("--jacobian", "--check-steps")
_OF_REVIEWS = ("--forward", "--library", "--device")
# What is printed alone, what it is called, and which options have a part in it.
_ALONE = {
    "--check": ("the check", (*_PAGE, *_OF_CHECKS)),
    "--read": ("the reading", ("-o",)),
    "--matrix": (
        "the matrices",
        ("--wrt", "--format", "--fragment", "--steps", "--seed", "-o", "--jacobian", "--vec"),
    ),
    "--shapes": ("the shapes", (*_PAGE, "--dtype")),
    "--emit": ("the code", ("--wrt", "--sizes", "--plain", "--no-check", "--seed", "-o")),
    "--against": ("the review", (*_PAGE, *_OF_REVIEWS, "--dtype", "--seed")),
    "--claim": ("the review", (*_PAGE[1:], "--seed")),
    "--values": ("the values", (*_PAGE, "--seed")),
    "--write-out": ("the entries", (*_PAGE, "--jacobian")),
}
_DEFAULTS = {
    "--steps": "main",
    "--notation": "einstein",
    "--format": "text",
    "--seed": "0",
    "--dtype": "float32",
    "--vec": "column",
}


def parse(arguments: list[str]) -> Request:
    """The command line; what follows on -- is no option, whatever it begins with."""
    request = Request()
    end = arguments.index("--") if "--" in arguments else len(arguments)
    waiting = iter(arguments[:end])
    for argument in waiting:
        if argument.startswith("-") and argument != "-":
            name, value = _option(argument, waiting)
            if name in request:
                raise IndexcalcError("IC205", f"{name} is given twice", hint="give it once")
            request.options[name] = value
        else:
            request.subjects.append(argument)
    request.subjects += arguments[end + 1 :]
    return request


def _option(argument: str, following: Iterator[str]) -> tuple[str, str]:
    """--steps all and --steps=all are the same."""
    name, equals, value = argument.partition("=")
    name = _SHORT.get(name, name)
    if name not in OPTIONS:
        raise IndexcalcError("IC205", f"derive has no option {argument}", hint=_way_out(argument))
    option = OPTIONS[name]
    if not option.takes:
        if equals:
            raise IndexcalcError("IC205", f"{name} takes nothing", hint=f"write {name} alone")
        return name, ""
    given = value if equals else next(following, None)
    if given == "" and option.empty:
        return name, given
    value = given or ""
    parts = value.split(",") if option.several else [value]
    if not value or (option.values and not set(parts) <= set(option.values)):
        value = next((part for part in parts if part not in option.values), value)
        said = f"{name} needs {option.takes}" if not value else f"{name} cannot be {value}"
        choice = f"it is one of {', '.join(option.values)}" if option.values else ""
        hint = did_you_mean(value, option.values) or choice or f"write {name} {option.takes}"
        raise IndexcalcError("IC205", said, hint=hint)
    return name, value


def lengths(text: str) -> dict[str, int]:
    """b=3,h=5 by name."""
    given: dict[str, int] = {}
    for entry in text.split(","):
        name, _, length = (part.strip() for part in entry.partition("="))
        if not name or not length.isdecimal() or len(length) > MOST_DIGITS:
            said = f"--sizes has {entry.strip() or 'nothing'} where a size and its length should be"
            raise IndexcalcError("IC205", said, hint="write names and whole numbers: b=3,h=5")
        if name in given:
            raise IndexcalcError("IC205", f"--sizes has {name} twice", hint="give it once")
        given[name] = int(length)
    return given


def seed(text: str) -> int:
    """A whole number."""
    if not text.isdecimal() or len(text) > MOST_DIGITS:
        said = f"--seed needs a whole number from 0 on, of at most {MOST_DIGITS} digits, not {text}"
        raise IndexcalcError("IC205", said, hint="write --seed 1")
    return int(text)


def _way_out(argument: str) -> str:
    if not argument.startswith("--") and ("=" in argument or argument.endswith(".idx")):
        return "if it is a text or a file, write -- before it"
    name = argument.partition("=")[0]
    return did_you_mean(name, OPTIONS) or "derive --help lists the options"


def help_text() -> str:
    """A line for each option."""
    lines = []
    for name, option in OPTIONS.items():
        values = "|".join(option.values)
        taken = values if 0 < len(values) <= WIDEST else option.takes
        shown = f"{name} {taken}".rstrip()
        lines.append(f"  {shown:<25} {option.words}")
    return "\n".join(lines)
