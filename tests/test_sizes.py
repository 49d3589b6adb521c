"""Sizes of the language: which axes have one size, and what a size is called."""

from __future__ import annotations

import numpy as np
import pytest

import indexcalc
from indexcalc.errors import IndexcalcError
from tests.texts import array, assert_same, reading, refusal, sizes, table, value


def test_sizes_belong_to_the_axes_of_tensors() -> None:
    text = "a[i,j] = x[i,k]*w1[k,j]; y[j,i] = a[j,k]*w2[k,i]"
    x, w1, w2 = array(2, 3), array(3, 4), array(4, 5)
    assert_same(value(text, x=x, w1=w1, w2=w2), x @ w1 @ w2)


def test_two_layers_may_use_the_same_letters_for_different_widths() -> None:
    text = "h1[j] = w1[i,j]*x[i]; y[j] = w2[i,j]*h1[i]"
    x, w1, w2 = array(2), array(2, 3), array(3, 4)
    assert_same(value(text, x=x, w1=w1, w2=w2), x @ w1 @ w2)
    assert sizes(text) == {"J": True, "I": True, "J2": True}


def test_the_same_tensor_under_other_letters() -> None:
    t = array(2, 3, 4)
    text = "y[i] = t[i,j,k]*t[i,j,k]; z[c] = t[a,b,c]*y[a]*1[b]"
    y = np.einsum("ijk,ijk->i", t, t)
    assert_same(value(text, t=t), np.einsum("abc,a->c", t, y))


def test_the_sizes_of_dummies_in_different_terms_may_differ() -> None:
    text = "y[i] = a[i,k]*b[k] + c[i,k]*d[k]"
    assert sizes(text) == {"I": True, "K": True, "K2": True}
    a, b, c, d = array(2, 3), array(3), array(2, 4), array(4)
    assert_same(value(text, a=a, b=b, c=c, d=d), a @ b + c @ d)


def test_a_letter_of_the_signature_is_one_size() -> None:
    text = "n(x[i], w[i]) -> y; y = x[k]*1[k]*w[j]*1[j]"
    assert sizes(text) == {"I": True}
    with pytest.raises(IndexcalcError) as caught:
        indexcalc.evaluate(text, x=array(2), w=array(3))
    assert caught.value.code == "IC603"


def test_two_letters_of_the_signature_are_two_sizes() -> None:
    assert refusal("n(x[b,h], w[h]) -> y\ny[b,h] = x[b,h]*w[b]") == "IC501"
    assert refusal("n(x[b,h]) -> y\ny = x[i,i]") == "IC501"
    assert refusal("n(x[b], w[h]) -> y\nz[i] = x[i]; y[i] = z[i] + w[i]") == "IC501"


def test_a_delta_makes_its_sizes_equal() -> None:
    assert sizes("y = delta[i,j]*x[i]*w[j]") == {"I": True}
    assert sizes("n(x[i], w[j]) -> y; y = delta[i,j]*x[i]*w[j]") == {"I": True}
    assert sizes("y[j] = delta[i,j]*x[i]") == {"J": True}


@pytest.mark.parametrize(
    ("text", "expected"),
    table(
        ("y[h] = x[h]/H", "y[h] = x[h]/H"),
        ("y = x[k]*w[k]/K", "y = sum[k](x[k]*w[k]/K)"),
        ("y = mean[k](x[k])*K", "y = mean[k](x[k])*K"),
        ("n(x[h]) -> y; y = 1[k]*x[k]/H", "y = sum[k](1[k]*x[k]/H)"),
        ("n(x[h], w[k]) -> y; y = H*K", "y = H*K"),
        ("y[i] = x[i]/size(i)", "y[i] = x[i]/I"),
        ("y[i] = x[i]/K", "y[i] = x[i]/K"),
        ("y = a[k]*b[k]/size(k) + K2", "y = sum[k](a[k]*b[k]/K) + K2"),
    ),
)
def test_a_bare_capital(text: str, expected: str) -> None:
    assert reading(text) == expected


@pytest.mark.parametrize(
    "text", ["K[i] = 2*z[i]\ny[k] = a[k]/K", "y[k] = a[k]/K\nK[i] = 2*z[i]"], ids=["above", "below"]
)
def test_a_tensor_in_brackets_is_not_its_letters_size(text: str) -> None:
    assert_same(indexcalc.evaluate(text, z=[5.0], a=[3.0, 6.0, 9.0])["y"], [1, 2, 3])


def test_the_values_of_capitals() -> None:
    x, w = array(2), array(3)
    assert_same(value("y[h] = x[h]/H", x=x), x / 2)
    assert_same(value("n(x[h], w[k]) -> y; y = H*K + size(k)", x=x, w=w), 9.0)
    assert_same(value("n(x[h]) -> y; y = 1[k]*x[k]/H", x=x), x.mean())
    assert_same(value("y[i] = x[i]/K", x=x, K=4.0), x / 4)
    assert_same(value("y = sum[k](size(k)*x[k])", x=x), 2 * x.sum())
    assert_same(value("y[k] = size(k)*w[k] + sum[k](size(k)*x[k])", x=x, w=w), 3 * w + 2 * x.sum())


@pytest.mark.parametrize(
    ("text", "code"),
    table(
        ("y = a[k]*b[k]/K + c[k]*d[k]", "IC311"),
        ("n(x[k], w[j]) -> y; y = K*x[k]*x[k] + w[k]*w[k]", "IC311"),
        ("K = 2*z\ny[k] = a[k]/K", "IC311"),
        ("y[k] = a[k]/K\nK = 2*z", "IC311"),
        ("y[i] = a[i]/K\nz = b[k]*c[k]", "IC311"),
        ("z = b[k]*c[k]\ny[i] = a[i]/K", "IC311"),
        ("y[i] = x[i]/size(q)", "IC502"),
        ("y[i] = x[i]/size(I)", "IC502"),
        ("y[i] = x[i]/size(i,j)", "IC104"),
    ),
)
def test_a_size_is_refused(text: str, code: str) -> None:
    assert refusal(text) == code


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("y[i] = x[i]", ["I"]),
        ("n(x[b,h]) -> y; y[i] = x[i,j]*1[j]", ["B", "H"]),
        ("y[a] = x[a]; z[b] = y[b]", ["A"]),
        ("y[i] = x[i]; z[i] = w[i]", ["I", "I2"]),
        ("y[i] = x[i]; z[i] = w[i]; u[i] = v[i]", ["I", "I2", "I3"]),
        ("n(x[j]) -> y; s = 1[i]*x[i]; y[j] = s", ["J", "J2"]),
        ("y[alpha] = x[alpha]", ["ALPHA"]),
    ],
)
def test_the_names_of_sizes(text: str, names: list[str]) -> None:
    assert list(sizes(text)) == names


def test_a_size_gives_way_to_a_tensor_of_its_name() -> None:
    assert list(sizes("y[i] = I[i]*x[i]")) == ["I2"]


def test_a_size_that_no_input_fixes_is_a_keyword() -> None:
    x = array(3)
    text = "y[i,j] = x[i]"
    assert sizes(text) == {"I": True, "J": False}
    assert_same(value(text, x=x, J=2), np.stack([x, x], axis=1))
    assert_same(value("y = delta[i,i]", I=4), 4.0)
    assert_same(value("y = 1[i]*1[i]", I=4), 4.0)
    assert_same(value("y = sum[k](2)", K=3), 6.0)
    with pytest.raises(IndexcalcError) as caught:
        indexcalc.evaluate(text, x=x)
    assert caught.value.code == "IC601"
