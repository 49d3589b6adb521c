"""What an emitted module defines for itself: checks of what is passed, buffers, functions that
NumPy lacks. Only what is called is printed."""

from __future__ import annotations

import re

from indexcalc.codegen.arrays import functions

ARRAYS = '''
def _arrays(*given, dtype=None):
    """Arrays of one float dtype, given names, values and indices; and the dtypes of the values."""
    arrays, dtypes = [], []
    for name, value, indices in given:
        try:
            array = np.asarray(value)
        except ValueError as error:
            raise ValueError(f"{name} is no array: {error}") from None
        if array.dtype.kind != "f":
            raise TypeError(f"{name} has dtype {array.dtype}, and floats are needed")
        if array.ndim != len(indices.split()):
            shown = f"{name}[{', '.join(indices.split())}]" if indices else f"the number {name}"
            raise ValueError(f"{shown} is given an array of shape {array.shape}")
        arrays.append(array)
        dtypes.append(None if type(value) is float else array.dtype)
    strong = [own for own in dtypes if own is not None] or [np.dtype(np.float64)]
    common = np.result_type(*strong) if dtype is None else dtype
    mixed = any(own is not None and own != common for own in dtypes)
    return [array.astype(common, copy=False)[()] for array in arrays], (
        tuple(own or common for own in dtypes) if mixed else None
    )
'''

FIT = '''
def _fit(*given):
    """Raises for the first tensor that does not fit those before it."""
    known = {}
    for name, shape, axes in given:
        for at, (axis, length) in enumerate(zip(axes.split(), shape, strict=True)):
            letter, size = axis.split(":")
            other, there, first = known.setdefault(size, (name, length, at))
            if length != there:
                raise ValueError(
                    f"{name} has {length} entries along {letter} (axis {at})"
                    f" where {other} has {there} (axis {first})"
                )
'''

SAVED = """
def _refuse(saved, forward):
    given = "another tuple" if type(saved) is tuple else type(saved).__name__
    raise TypeError(f"saved is what {forward} returns beside its value, not {given}")
"""

SIZE = """
def _size(name, value):
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise TypeError(f"{name} is a size, a whole number, not {value!r}")
    if value < 0:
        raise ValueError(f"{name} is a size, and {value} is negative")
    return value.__index__()
"""

NUMBER = """
def _number(name, value):
    several = getattr(value, "ndim", 0) > 0
    if isinstance(value, (bool, str)) or several or not hasattr(value, "__float__"):
        raise TypeError(f"{name} is a number, not {value!r}")
    return float(value)
"""

CALLABLE = """
def _callable(**functions):
    for name, function in functions.items():
        if not callable(function):
            raise TypeError(f"{name} is not a function: give one, {name}=np.tanh")
"""

APPLY = '''
def _apply(name, function, *arrays, out=None):
    """A function of arrays and whole numbers, entry by entry, in the dtype of the arrays."""
    dtype = np.result_type(*arrays)
    dtype = dtype if dtype.kind == "f" else np.dtype(np.float64)
    arrays = [np.asarray(array, dtype) for array in np.broadcast_arrays(*arrays)]
    value = np.asarray(function(*arrays), dtype)
    if value.shape != arrays[0].shape:
        raise ValueError(f"{name} made the shape {value.shape} of the shape {arrays[0].shape}")
    return np.positive(value, out=out)
'''

CAST = '''
def _cast(arrays, dtypes):
    """Gradients in the dtypes of their tensors."""
    return tuple(array.astype(dtype) for array, dtype in zip(arrays, dtypes, strict=True))
'''

CAST_INTO = '''
def _cast_into(arrays, dtypes, out, inputs, names):
    """Gradients in the dtypes of their tensors, in the arrays of `out` if there are any."""
    arrays = _cast(arrays, dtypes)
    if out is None:
        return arrays
    wanted = [(n, a.shape, a.dtype) for n, a in zip(names, arrays, strict=True)]
    places = _out(out, inputs, *wanted)
    return tuple(np.positive(a, out=place) for a, place in zip(arrays, places, strict=True))
'''

OUT = '''
def _out(out, inputs, *wanted):
    """The arrays of `out`, if every result can be written into its own."""
    out = tuple(out) if isinstance(out, (list, tuple)) else (out,)
    if len(out) != len(wanted):
        given = f"{len(out)} array{'s' * (len(out) != 1)}"
        raise ValueError(f"out has {given}, and the number of results is {len(wanted)}")
    for at, (array, (name, shape, dtype)) in enumerate(zip(out, wanted, strict=True)):
        if type(array) is not np.ndarray:
            raise TypeError(f"out for {name} is not an array, but {type(array).__name__}")
        if array.shape != shape:
            raise ValueError(f"out for {name} has shape {array.shape}, not {shape}")
        if array.dtype != dtype:
            raise TypeError(f"out for {name} has dtype {array.dtype}, not {dtype}")
        if not array.flags.writeable:
            raise ValueError(f"out for {name} is not writable")
        if not array.flags.c_contiguous:
            raise ValueError(f"out for {name} is not C-contiguous")
        for other in (*out[:at], *inputs):
            # What owns its memory shares it with its views alone; asking takes longer.
            apart = array is not other and array.base is None and other.base is None
            if not apart and np.may_share_memory(array, other):
                raise ValueError(f"out for {name} overlaps an array that is still needed")
    return out
'''

BUFFER = '''
def _buffer(workspace, name, shape, dtype):
    """An array to write into, kept in the workspace where there is one."""
    if workspace is None:
        return np.empty(shape, dtype)
    if type(workspace) is not dict:
        raise TypeError("workspace is a dict, empty at first: workspace={}")
    array = workspace.get(name)
    if type(array) is not np.ndarray or array.shape != shape or array.dtype != dtype:
        array = workspace[name] = np.empty(shape, dtype)
    return array
'''

ROWS = '''
def _rows(length, row, least=1, read_again=0, spared=0):
    """How many of `length` rows, of `row` bytes each, are a block: about 1 MiB, to stay in cache.

    Every block reads `read_again` entries of matrices again, at twice the cost of the `spared`
    entries that each of its rows need not move: where that is more, all rows are one block.
    """
    rows = max(least, 1048576 // max(row, 1))
    if 2 * read_again > rows * spared:
        rows = length
    return max(1, min(length, rows))
'''

# By the name that is called.
HELPERS = {
    "_arrays": ARRAYS,
    "_fit": FIT,
    "_refuse": SAVED,
    "_size": SIZE,
    "_number": NUMBER,
    "_callable": CALLABLE,
    "_apply": APPLY,
    "_cast": CAST,
    "_cast_into": CAST_INTO,
    "_out": OUT,
    "_buffer": BUFFER,
    "_rows": ROWS,
} | functions.HELPERS


def needed(body: str) -> list[str]:
    """What is called, and what that calls."""
    found: dict[str, str] = {}
    waiting = [body]
    while waiting:
        text = waiting.pop()
        for name, helper in HELPERS.items():
            if name not in found and re.search(rf"(?<![\w.]){name}\(", text):
                found[name] = helper
                waiting.append(helper)
    return [helper for name, helper in HELPERS.items() if name in found]
