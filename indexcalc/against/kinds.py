"""The kinds of array that a function may take: NumPy's, torch's on the CPU or a GPU, jax's."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass
from dis import get_instructions
from importlib import import_module
from types import ModuleType
from typing import Any

import numpy as np

from indexcalc.errors import IndexcalcError
from indexcalc.expr.world import Array

KINDS = ("numpy", "torch", "jax")
# Half a unit in the last place of 1.
ROUNDOFF = {"float64": 2.0**-53, "float32": 2.0**-24, "float16": 2.0**-11, "bfloat16": 2.0**-8}
# Those that are coarser than the finest, from the finest on.
COARSER = ("float32", "float16", "bfloat16")


@dataclass(frozen=True, slots=True)
class Kind:
    """How arrays are handed over and taken back: `array(values, dtype)`, `values(array)`, and the
    name of the dtype of what came back. Values are copies, for a function may write again into what
    it returned."""

    name: str
    array: Callable[[Array, str], Any]
    values: Callable[[Any], Array]
    dtype: Callable[[Any], str]
    scope: Callable[[], AbstractContextManager[object]] = nullcontext

    def rounded(self, values: Array, dtype: str) -> Array:
        """What an array of this dtype has of these numbers."""
        return values if dtype == "float64" else self.values(self.array(values, dtype))


def kind(name: str, device: str = "") -> Kind:
    """One of the kinds; its library is imported here."""
    if device and name != "torch":
        said = f"a device is for torch, and these are arrays of {name}"
        raise IndexcalcError("IC610", said, hint="leave it out")
    if name not in KINDS:
        raise IndexcalcError(
            "IC610", f"there are no arrays of {name} here", hint=f"it is one of {', '.join(KINDS)}"
        )
    try:
        return {"numpy": _numpy, "torch": lambda: _torch(device), "jax": _jax}[name]()
    except ImportError as problem:
        raise IndexcalcError(
            "IC610",
            f"{name} cannot be imported: {problem}",
            hint=f"install it: pip install 'indexcalc[{name}]'",
        ) from None


def kinds_of(functions: Sequence[Callable[..., Any]]) -> list[str]:
    """The library that functions speak of; where they speak of none, those that their files import,
    each of which it may be; else NumPy."""
    spoken = {library for function in functions for library in _spoken(function)}
    if not spoken.isdisjoint(KINDS):
        return _among(spoken)[:1]
    around = [getattr(inspect.unwrap(function), "__globals__", {}) for function in functions]
    values = (value for names in around for value in names.values())
    imported = {_library(value.__name__) for value in values if isinstance(value, ModuleType)}
    return _among(imported) or ["numpy"]


def _among(libraries: set[str]) -> list[str]:
    """NumPy last, which is there beside others."""
    return [name for name in (*KINDS[1:], KINDS[0]) if name in libraries]


def _library(module: str) -> str:
    return module.partition(".")[0]


def _spoken(function: Callable[..., Any]) -> Iterator[str]:
    """The libraries that a function has among its names or imports, and those of the functions that
    it calls."""
    waiting: list[Any] = [inspect.unwrap(function)]
    seen = set[int]()
    while waiting:
        one = waiting.pop()
        one = one if hasattr(one, "__code__") else type(one).__call__
        if not hasattr(one, "__code__") or id(one.__code__) in seen:
            continue
        seen.add(id(one.__code__))
        for instruction in get_instructions(one):
            if instruction.opname == "IMPORT_NAME":
                yield _library(instruction.argval)
        for value in _values(one):
            if isinstance(value, ModuleType):
                yield _library(value.__name__)
            elif callable(value) and getattr(value, "__module__", None):
                yield _library(str(value.__module__))
                waiting.append(value)


def _values(function: Any) -> Iterator[Any]:
    """What the names in a function mean outside of it."""
    code = function.__code__
    for name in code.co_names:
        yield function.__globals__.get(name)
    for cell in function.__closure__ or ():
        with suppress(ValueError):  # a name that has no value yet
            yield cell.cell_contents


def _numpy() -> Kind:
    def array(values: Array, dtype: str) -> Any:
        if dtype == "bfloat16":
            raise IndexcalcError(
                "IC610", "NumPy has no bfloat16", hint="leave it out, or give a function for torch"
            )
        return values.astype(dtype)

    return Kind("numpy", array, _as_float64, lambda found: str(np.asarray(found).dtype))


def _as_float64(found: Any) -> Array:
    return np.array(found, dtype=np.float64)


def _torch(device: str) -> Kind:
    torch: Any = import_module("torch")
    place = device or "cpu"

    def array(values: Array, dtype: str) -> Any:
        return torch.tensor(values, dtype=torch.float64).to(place, getattr(torch, dtype))

    def values(found: Any) -> Array:
        if not isinstance(found, torch.Tensor):
            return _as_float64(found)
        return _as_float64(found.detach().to("cpu", torch.float64).numpy())

    def dtype(found: Any) -> str:
        kind = found.dtype if isinstance(found, torch.Tensor) else np.asarray(found).dtype
        return str(kind).removeprefix("torch.")

    return Kind("torch", array, values, dtype)


def _jax() -> Kind:
    jax: Any = import_module("jax")
    jnp: Any = import_module("jax.numpy")
    home = jax if hasattr(jax, "enable_x64") else import_module("jax.experimental")

    def array(values: Array, dtype: str) -> Any:
        return jnp.asarray(values, dtype=dtype)

    return Kind(
        "jax", array, _as_float64, lambda found: str(found.dtype), lambda: home.enable_x64(True)
    )
