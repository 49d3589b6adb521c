"""The echo of a program: how it says what was read."""

from __future__ import annotations

from indexcalc.lang.reading import read
from indexcalc.render.echo import echo


def test_the_echo_shows_every_sum_one_tensor_input_output_and_size() -> None:
    shown = echo(read("y[i,j] = a[i,k]*b[k] + w[j]"))
    assert shown == (
        "f(a_ik, b_k, w_j) → y\n\n"
        "Reading\n  y_ij = Σ_k 1_j a_ik b_k + 1_i w_j\n\n"
        "Inputs\n  a_ik   I × K\n  b_k    K\n  w_j    J\n\n"
        "Outputs\n  y_ij   I × J\n\n"
        "Sizes\n  I   a axis 1\n  J   w axis 1\n  K   a axis 2\n"
    )


def test_the_echo_says_how_to_give_a_size_that_no_input_fixes() -> None:
    shown = echo(read("y[i,j] = x[i]; z[i] = y[i,j]*1[j] + mean[k](2)"))
    assert shown.partition("Sizes\n")[2] == (
        "  I   x axis 1\n"
        "  J   y axis 2; fixed by no input: give J=... as a keyword\n"
        "  K   fixed by no input: give K=... as a keyword\n"
    )


LONG = """# A description so long that no terminal of eighty columns has room for it in a line.
averylongname(alpha_in[batch,height,width], beta_in[height,width,channel], third[batch],
              another[channel,batch], eps=1e-5) -> out
out[batch,channel] = alpha_in[batch,height,width]*beta_in[height,width,channel]*(third[batch]
    )*tanh(another[channel,batch])*alpha_in[batch,height,width] + third[batch]*exp(eps*third[batch])
"""


def test_no_line_of_the_echo_is_longer_than_80_columns() -> None:
    lines = echo(read(LONG)).splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[:11] == [
        "averylongname(alpha_in_{batch,height,width}, beta_in_{height,width,channel},",
        "              third_{batch}, another_{channel,batch}, ε = 1e-5) → out",
        "A description so long that no terminal of eighty columns has room for it in a",
        "line.",
        "",
        "Reading",
        "  out_{batch,channel} = Σ_{height,width} alpha_in_{batch,height,width}",
        "                        beta_in_{height,width,channel} third_{batch}",
        "                        tanh(another_{channel,batch})",
        "                        alpha_in_{batch,height,width}",
        "                        + 1_{channel} third_{batch} exp(ε third_{batch})",
    ]


def test_a_program_shows_itself_in_one_line() -> None:
    program = read("f(x[i,k], w[k], eps=0.1) -> y; s[i] = x[i,k]*w[k]; y[i] = s[i]/2 + eps")
    assert repr(program) == (
        "<Program f(x[i,k], w[k], eps=1/10) -> y; s[i] = x[i,k]*w[k]; y[i] = s[i]/2 + eps*1[i]>"
    )


def test_the_echo_renames_a_binder_that_reuses_a_free_letter() -> None:
    shown = echo(read("y[b,c] = exp(s[b,c])/sum[c](exp(s[b,c]))"))
    assert "Σ_d" in shown
    assert "Σ_c" not in shown
