"""Contractions: a tensor contraction layer through unfoldings and Kronecker products, others in
einsum."""

import numpy as np


def unfold(tensor, mode):
    """The axis of a mode by all others, the last of which runs fastest."""
    return np.moveaxis(tensor, mode, 0).reshape(tensor.shape[mode], -1)


def tcl_backward(dl_dy, x, v1, v2, v3):
    I, J, K = x.shape
    dx = (v1.T @ unfold(dl_dy, 0) @ np.kron(v2, v3)).reshape(I, J, K)
    dv1 = unfold(dl_dy, 0) @ np.kron(v2, v3) @ unfold(x, 0).T
    dv2 = unfold(dl_dy, 1) @ np.kron(v1, v3) @ unfold(x, 1).T
    dv3 = unfold(dl_dy, 2) @ np.kron(v1, v2) @ unfold(x, 2).T
    return dx, dv1, dv2, dv3


def quadratic_form_backward(dl_dy, x, a):
    dx = dl_dy * (np.einsum("ij,j->i", a, x) + np.einsum("ji,j->i", a, x))
    da = dl_dy * np.einsum("i,j->ij", x, x)
    return {"x": dx, "a": da}


def power_iteration_backward(dl_dy, dl_dz, x, w):
    y = np.einsum("ij,j->i", x, w)
    through = dl_dy + np.einsum("j,ij->i", dl_dz, x)
    dx = np.einsum("i,j->ij", through, w) + np.einsum("i,j->ij", y, dl_dz)
    dw = np.einsum("i,ij->j", through, x)
    return dx, dw
