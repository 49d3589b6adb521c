"""The functions that every module of plain loops brings along, as text."""

from __future__ import annotations

from indexcalc.codegen.teaching.scripts import KEPT

NESTED = '''\
def nested(value, name, indices, axes, sizes):
    """Nested lists of floats, of the lengths that sizes has or, for new sizes, is given here."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if not isinstance(value, (list, tuple) if axes else float):
        wanted = f"a list along its index {indices[0]}" if axes else "a float"
        wrong = ValueError if isinstance(value, (list, tuple, float)) else TypeError
        raise wrong(f"{name} is of type {type(value).__name__}, and {wanted} is needed")
    if not axes:
        return value
    length = len(value)
    if sizes.setdefault(axes[0], length) != length:
        size = f"{axes[0]} is {sizes[axes[0]]}"
        raise ValueError(f"{name} has length {length} along its index {indices[0]}, and {size}")
    rest = indices[1:], axes[1:], sizes
    return [nested(part, f"{name}[{place}]", *rest) for place, part in enumerate(value)]
'''

ZEROS = '''\
def zeros(*lengths):
    """Nested lists of these lengths, 0.0 everywhere."""
    if not lengths:
        return 0.0
    return [zeros(*lengths[1:]) for _ in range(lengths[0])]
'''

PLACES = '''\
def places(*lengths):
    """Every place in nested lists of these lengths, the last index moving fastest."""
    if not lengths:
        yield ()
        return
    for first in range(lengths[0]):
        for rest in places(*lengths[1:]):
            yield (first, *rest)
'''

SIGMOID = '''\
def sigmoid(x):
    """1 / (1 + exp(-x)), by an exp that does not overflow."""
    e = math.exp(-abs(x))
    return (e if x < 0 else 1.0) / (1.0 + e)
'''

SOFTPLUS = '''\
def softplus(x):
    """log(1 + exp(x)), by an exp that does not overflow."""
    return max(x, 0.0) + math.log1p(math.exp(-abs(x)))
'''

SIGN = '''\
def sign(x):
    """1.0, -1.0, or 0.0 at 0."""
    return float(x > 0) - float(x < 0)
'''

RELU = '''\
def relu(x):
    """x where it is positive, and 0.0 elsewhere."""
    return max(x, 0.0)
'''

NUMBERS = '''\
def numbers(seed):
    """Numbers between 0 and 1 without end, as if drawn by chance."""
    while True:
        seed = (1103515245 * seed + 12345) % 2**31
        yield seed / 2**31
'''

DRAWN = '''\
def drawn(number, ranges, *lengths):
    """Nested lists of these lengths, filled from one of the ranges."""
    low, high = ranges[int(len(ranges) * next(number))]

    def filled(*lengths):
        if not lengths:
            return low + (high - low) * next(number)
        return [filled(*lengths[1:]) for _ in range(lengths[0])]

    return filled(*lengths)
'''

ALIKE = '''\
def alike(number, x):
    """Numbers between -1 and 1, nested as those of x are."""
    if isinstance(x, (list, tuple)):
        return [alike(number, part) for part in x]
    return 2.0 * next(number) - 1.0
'''

MOVED = '''\
def moved(x, direction, step):
    """x + step * direction, entry by entry."""
    if isinstance(x, list):
        return [moved(a, b, step) for a, b in zip(x, direction, strict=True)]
    return x + step * direction
'''

DOT = '''\
def dot(x, y):
    """The entries of x, each times that of y at the same place, added up."""
    if isinstance(x, (list, tuple)):
        return math.fsum(dot(a, b) for a, b in zip(x, y, strict=True))
    return x * y
'''

SLOPE = '''\
def slope(function, x, direction, step):
    """How fast a function of x rises in a direction, by central differences."""
    far = function(moved(x, direction, 2 * step)) - function(moved(x, direction, -2 * step))
    near = function(moved(x, direction, step)) - function(moved(x, direction, -step))
    return (8 * near - far) / (12 * step)
'''

WHERE_USED = {
    "zeros": ZEROS,
    "places": PLACES,
    "sigmoid": SIGMOID,
    "softplus": SOFTPLUS,
    "relu": RELU,
    "sign": SIGN,
}
ALWAYS = {
    "kept": KEPT,
    "nested": NESTED,
    "numbers": NUMBERS,
    "drawn": DRAWN,
    "alike": ALIKE,
    "moved": MOVED,
    "dot": DOT,
    "slope": SLOPE,
}

CHECK = '''\
def check(seed=0):
    """Compare the gradients with differences of the forward pass, at numbers drawn by chance."""
    number = numbers(seed)
    {options}
    {asked}
    # How much is known of each; a point at which one is 0 says little of it.
    known = dict.fromkeys(asked, 0.0)
    for turn in range(200):
        # Now all inputs from one range, now each from its own.
        ranges = ((-1.0, 1.0), (0.2, 1.2), (-0.3, 0.3), (1.5, 2.5))
        ranges = ranges if turn % 2 else ranges[turn // 2 % 4 :][:1]
        {inputs}
        try:
            for name, worth in compared(number, inputs, options, asked):
                known[name] += worth
        except (ArithmeticError, ValueError):
            continue  # some function has no value there
        if min(known.values(), default=1.0) >= 1.0:
            return
    raise ArithmeticError("no numbers were found at which differences can tell")


def compared(number, inputs, options, asked):
    """What the comparison of each gradient is worth here; raises where one is wrong."""
    forward = {function}_forward
    backward = {function}_backward
    y, saved = forward(**inputs, **options)
    upstream = alike(number, y)
    gradients = backward({seeds}, saved)
    magnitude = math.sqrt(dot(y, y) * dot(upstream, upstream))
    # Gradients by inputs come first.
    for name, gradient in zip(asked, gradients, strict=False):

        def loss(x, name=name):
            return dot(upstream, forward(**{{**inputs, name: x}}, **options)[0])

        direction = alike(number, inputs[name])
        expected, rough = (slope(loss, inputs[name], direction, step) for step in (5e-4, 1e-3))
        found = dot(direction, gradient)
        size = max(math.sqrt(dot(direction, direction) * dot(gradient, gradient)), abs(expected))
        doubt, least = abs(expected - rough), max(abs(expected), abs(rough), 1e-6 * magnitude)
        if size <= 1e-6 * magnitude:
            yield name, 1 / 16
        elif max(abs(found - expected), doubt) <= 1e-5 * size:
            yield name, 1 / 2
        elif not (math.isfinite(found) and doubt <= 1e-6 * least):
            yield name, 0.0  # too steep here for differences
        else:
            raise AssertionError(f"the gradient by {{name}} gives {{found}}, not {{expected}}")
'''
