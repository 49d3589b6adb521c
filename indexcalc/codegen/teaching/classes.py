"""The classes of program values that modules of objects are made of, as text."""

from __future__ import annotations

OPENING = '''\
class Value:
    """A value of the program, the gradient of the loss by it, and two messages."""

    dtype = None

    def __init__(self, *inputs):
        self.inputs = inputs
        self.value = None
        self.grad = 0.0

    def forward(self):
        """Fill the value from those of the inputs."""

    def backward(self):
        """Add to the gradients of the inputs, from the value's own."""


class Given(Value):
    """A value that is given: an input, or a number."""

    def __init__(self, value):
        super().__init__()
        # Python's own floats have none, and fit any.
        self.dtype = getattr(value, "dtype", None)
        self.value = np.asarray(value, dtype=float)


class Indexed(Value):
    """A value of inputs with index letters: "ik,kj->ij" has those of each input, then its own."""

    def __init__(self, letters, *inputs):
        super().__init__(*inputs)
        given, self.letters = letters.split("->")
        self.given = given.split(",")

    def spread(self):
        """The inputs' values along the letters of this one, with length 1 along those they lack."""
        pairs = zip(self.given, self.inputs, strict=True)
        return [product(self.letters, (letters, x.value)) for letters, x in pairs]


def product(result, *factors):
    """For all letters: result += factor * factor; an axis of length 1 for a letter none has."""
    letters, arrays = zip(*factors, strict=True)
    known = [letter for letter in result if letter in "".join(letters)]
    array = np.einsum(f"{','.join(letters)}->{''.join(known)}", *arrays)
    lengths = dict(zip(known, array.shape, strict=True))
    return array.reshape([lengths.get(letter, 1) for letter in result])
'''

PRODUCT = '''\
class Product(Indexed):
    """z += x * y, for all letters."""

    def forward(self):
        (x, y), (i, j), k = self.inputs, self.given, self.letters
        self.value = product(k, (i, x.value), (j, y.value))

    def backward(self):
        """The swap rule: z and x swapped, then z and y."""
        (x, y), (i, j), k = self.inputs, self.given, self.letters
        x.grad += product(i, (k, self.grad), (j, y.value))
        y.grad += product(j, (i, x.value), (k, self.grad))
'''

TOTAL = '''\
class Total(Indexed):
    """z += x, for all letters."""

    def forward(self):
        (x,), (i,), k = self.inputs, self.given, self.letters
        self.value = product(k, (i, x.value))

    def backward(self):
        (x,), (i,), k = self.inputs, self.given, self.letters
        x.grad += product(i, (k, self.grad))
'''

SPREAD = '''\
class Spread(Indexed):
    """x repeated along the letters that it lacks."""

    def __init__(self, letters, x, lengths):
        super().__init__(letters, x)
        self.lengths = lengths

    def forward(self):
        (x,) = self.spread()
        self.value = np.broadcast_to(x, self.lengths)

    def backward(self):
        (x,), (i,), k = self.inputs, self.given, self.letters
        x.grad += product(i, (k, self.grad))
'''

DIAGONAL = '''\
class Diagonal(Indexed):
    """The entries of x at which letters that are the same have the same place."""

    def forward(self):
        (x,), (i,), k = self.inputs, self.given, self.letters
        self.value = np.einsum(f"{i}->{k}", x.value)

    def backward(self):
        (x,), (i,), k = self.inputs, self.given, self.letters
        diagonal = np.einsum(f"{i}->{k}", x.grad)  # a view, so that adding to it adds to x.grad
        diagonal += self.grad
'''

PLUS = '''\
class Plus(Indexed):
    """x + y, or more of them, each repeated along the letters that it lacks."""

    def forward(self):
        self.value = sum(self.spread())

    def backward(self):
        for letters, x in zip(self.given, self.inputs, strict=True):
            x.grad += product(letters, (self.letters, self.grad))
'''

MINUS = '''\
class Minus(Indexed):
    """x - y, each repeated along the letters that it lacks."""

    def forward(self):
        x, y = self.spread()
        self.value = x - y

    def backward(self):
        (x, y), (i, j), k = self.inputs, self.given, self.letters
        x.grad += product(i, (k, self.grad))
        y.grad -= product(j, (k, self.grad))
'''

QUOTIENT = '''\
class Quotient(Indexed):
    """z = x / y, each repeated along the letters that it lacks."""

    def forward(self):
        x, y = self.spread()
        self.value = x / y

    def backward(self):
        (x, y), (i, j), k = self.inputs, self.given, self.letters
        slope = self.grad / self.spread()[1]
        x.grad += product(i, (k, slope))
        y.grad -= product(j, (k, slope * self.value))
'''

POWER = '''\
class Power(Value):
    """z = x to the power n, a number."""

    def __init__(self, x, n):
        super().__init__(x)
        self.n = n

    def forward(self):
        (x,) = self.inputs
        self.value = x.value**self.n

    def backward(self):
        (x,) = self.inputs
        x.grad += self.grad * self.n * x.value ** (self.n - 1)
'''

RAISED = '''\
class Raised(Indexed):
    """z = x to the power y, entry by entry."""

    def forward(self):
        x, y = self.spread()
        self.value = x**y

    def backward(self):
        (base, exponent), (i, j), k = self.inputs, self.given, self.letters
        x, y = self.spread()
        base.grad += product(i, (k, self.grad * y * x ** (y - 1)))
        exponent.grad += product(j, (k, self.grad * self.value * np.log(x)))
'''

HANDED = '''\
class Handed(Indexed):
    """A function that is handed in, with its slope along each argument."""

    def __init__(self, letters, function, slopes, *inputs):
        super().__init__(letters, *inputs)
        self.function = function
        self.slopes = slopes

    def forward(self):
        self.value = self.function(*np.broadcast_arrays(*self.spread()))

    def backward(self):
        arrays = np.broadcast_arrays(*self.spread())
        for letters, x, slope in zip(self.given, self.inputs, self.slopes, strict=True):
            x.grad += product(letters, (self.letters, self.grad * slope(*arrays)))
'''

REDUCTION = '''\
class {kind}(Indexed):
    """The {kind} along the letters that are not its own; no gradient passes through it."""

    def forward(self):
        (x,), (i,) = self.inputs, self.given
        axes = tuple(place for place, letter in enumerate(i) if letter not in self.letters)
        self.value = np.{function}(x.value, axis=axes{start})
'''

FUNCTION = '''\
class {kind}(Value):
    """z = {name}(x), entry by entry."""

    def forward(self):
        (x,) = self.inputs
        self.value = {value}

    def backward(self):
        (x,) = self.inputs
        {slope}
'''

CHECKED = '''\
def checked(value, name, indices, axes, sizes):
    """An array of floats, of the lengths that sizes has or, for new sizes, is given here."""
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise ValueError(f"{name} is no array: {error}") from None
    if array.dtype.kind != "f":
        raise TypeError(f"{name} is made of floats, not of {array.dtype}")
    if array.ndim != len(indices):
        raise ValueError(f"{name} has the indices {indices}, and {array.ndim} axes were given")
    for at, (index, axis, length) in enumerate(zip(indices, axes, array.shape, strict=True)):
        known = sizes.setdefault(axis, length)
        if length != known:
            here = f"its index {index} (axis {at})"
            raise ValueError(f"{name} has length {length} along {here}, and {axis} is {known}")
    return value if type(value) is float else array
'''

COMMON_DTYPE = '''\
def common_dtype(*inputs):
    """The dtype of a result of these."""
    dtypes = [x.dtype for x in inputs if x.dtype is not None]
    return np.result_type(*dtypes) if dtypes else np.dtype(float)
'''

DRAWN = '''\
def drawn(random, ranges, *lengths):
    """An array of these lengths, filled from one of the ranges."""
    return random.uniform(*random.choice(ranges), lengths)
'''

CHECK = '''\
def check(seed=0):
    """Compare the gradients with differences of the forward pass, at random numbers."""
    random = np.random.default_rng(seed)
    {options}
    {asked}
    # How much is known of each; a point at which one is 0 says little of it.
    known = dict.fromkeys(asked, 0.0)
    for turn in range(200):
        # Now all inputs from one range, now each from its own.
        ranges = ((-1.0, 1.0), (0.2, 1.2), (-0.3, 0.3), (1.5, 2.5))
        ranges = ranges if turn % 2 else ranges[turn // 2 % 4 :][:1]
        {inputs}
        with np.errstate(all="ignore"):
            for name, worth in compared(random, inputs, options, asked):
                known[name] += worth
        if min(known.values(), default=1.0) >= 1.0:
            return
    raise ArithmeticError("no numbers were found at which differences can tell")


def compared(random, inputs, options, asked):
    """What the comparison of each gradient is worth here; raises where one is wrong."""
    forward = {function}_forward
    backward = {function}_backward
    made, saved = forward(**inputs, **options)
    outputs = made if isinstance(made, tuple) else (made,)
    upstream = [random.uniform(-1.0, 1.0, y.shape) for y in outputs]
    gradients = backward(*upstream, saved)
    magnitude = np.sqrt(sum(np.sum(y * y) for y in outputs))
    # Gradients by inputs come first.
    for name, gradient in zip(asked, gradients, strict=False):
        direction = random.uniform(-1.0, 1.0, np.shape(inputs[name]))

        def loss(step, name=name, direction=direction):
            moved = {{**inputs, name: inputs[name] + step * direction}}
            made, _ = forward(**moved, **options)
            outputs = made if isinstance(made, tuple) else (made,)
            return sum(np.sum(g * y) for g, y in zip(upstream, outputs, strict=True))

        def slope(step, loss=loss):
            near, far = loss(step) - loss(-step), loss(2 * step) - loss(-2 * step)
            return (8 * near - far) / (12 * step)

        expected, rough = slope(5e-4), slope(1e-3)
        found = np.sum(gradient * direction)
        size = max(np.linalg.norm(gradient) * np.linalg.norm(direction), abs(expected))
        doubt, least = abs(expected - rough), max(abs(expected), abs(rough), 1e-6 * magnitude)
        if size <= 1e-6 * magnitude:
            yield name, 1 / 16
        elif max(abs(found - expected), doubt) <= 1e-5 * size:
            yield name, 1 / 2
        elif not (np.isfinite(found) and doubt <= 1e-6 * least):
            yield name, 0.0  # too steep here for differences
        else:
            raise AssertionError(f"the gradient by {{name}} gives {{found}}, not {{expected}}")
'''

CLASSES = {
    "Product": PRODUCT,
    "Total": TOTAL,
    "Spread": SPREAD,
    "Diagonal": DIAGONAL,
    "Plus": PLUS,
    "Minus": MINUS,
    "Quotient": QUOTIENT,
    "Power": POWER,
    "Raised": RAISED,
    "Handed": HANDED,
}
# How each is called, and the value that does nothing to another where there is no entry.
REDUCTIONS = {
    "Max": ("max", ", initial=-np.inf"),
    "Min": ("min", ", initial=np.inf"),
    "Prod": ("prod", ""),
}
FUNCTIONS = {
    "sigmoid": '''\
def sigmoid(x):
    """1 / (1 + exp(-x)), where no exp overflows."""
    return np.exp(-np.logaddexp(0.0, -x))
''',
    "softplus": '''\
def softplus(x):
    """log(1 + exp(x)), where no exp overflows."""
    return np.logaddexp(0.0, x)
''',
    "relu": '''\
def relu(x):
    """x where it is positive, and 0.0 elsewhere."""
    return np.maximum(x, 0.0)
''',
    "erf": '''\
def erf(x):
    """The error function, entry by entry."""
    return np.vectorize(math.erf, otypes=[float])(x)
''',
}
