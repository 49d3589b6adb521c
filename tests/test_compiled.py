"""Modules compiled in this process."""

from __future__ import annotations

import traceback

import numpy as np
import pytest

import indexcalc as ic
from indexcalc.codegen.compiled import checked, compiled
from indexcalc.errors import IndexcalcError
from tests.modules import draw, kernel, text


def test_a_kernel_is_its_two_functions() -> None:
    found = kernel("layernorm")
    forward, backward = found
    assert forward is found.forward
    assert backward is found.backward
    assert found.source == text("layernorm")
    assert repr(found) == "<Kernel layernorm_forward, layernorm_backward>"


def test_a_traceback_shows_the_lines() -> None:
    with pytest.raises(ValueError, match="gamma has 4 entries along h ") as caught:
        kernel("layernorm").forward(*draw((5, 7), (4,), (7,)))
    shown = "".join(traceback.format_exception(caught.value))
    assert '  File "<indexcalc layernorm' in shown
    assert "\n    _fit((" in shown
    assert "\n    raise ValueError(\n" in shown


def test_two_kernels_of_one_name_keep_their_own_lines() -> None:
    source = text("softmax")
    for word in ("first", "second"):
        broken = source.replace("    dtypes = None\n", f"    dtypes = None\n    {word}_word\n", 1)
        with pytest.raises(NameError) as caught:
            compiled(broken, "softmax").forward(np.ones((2, 3)))
        assert f"\n    {word}_word\n" in "".join(traceback.format_exception(caught.value))


def test_a_module_is_checked_and_a_wrong_one_refused() -> None:
    source = text("layernorm")
    checked(source, "layernorm", 3)
    checked("a table", "layernorm")
    right = "return dl_dx, dl_dgamma, dl_dbeta"
    with pytest.raises(IndexcalcError) as caught:
        checked(source.replace(right, "return 2 * dl_dx, dl_dgamma, dl_dbeta"), "layernorm", 3)
    assert str(caught.value) == (
        "error IC608: the code fails its own check: dl_dx is off by 1.2e-01 of its size\n"
        "hint: --no-check prints it all the same"
    )


def test_what_cannot_be_checked_has_a_code_of_its_own() -> None:
    derivation = ic.derive("y[i] = cos(1e9*x[i]^2)")
    with pytest.raises(IndexcalcError, match=r"IC609.*no inputs were found at which differences"):
        checked(derivation.emit(), derivation.program.name)
