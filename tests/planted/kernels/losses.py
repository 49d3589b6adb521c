"""Losses, whose upstream gradient is a number: blocks with sums of their own, and einsum."""

import numpy as np

ROWS = 64
WIDTH = 1024


def matrix_factorization_backward(upstream, r, u, v):
    e = r - np.einsum("ik,jk->ij", u, v)
    dr = 2 * upstream * e
    du = -2 * upstream * np.einsum("ij,jk->ik", e, v)
    dv = -2 * upstream * np.einsum("ij,ik->jk", e, u)
    return dr, du, dv


def logistic_regression_backward(upstream, x, w, b, t):
    N = len(x)
    dx, dw, db, dt = np.zeros_like(x), np.zeros_like(w), np.zeros_like(b), np.zeros_like(t)
    for start in range(0, N, ROWS):
        rows = slice(start, start + ROWS)
        z = x[rows] @ w + b
        p = (1 + np.tanh(z / 2)) / 2
        dz = upstream * (p - t[rows]) / N
        dx[rows] = np.outer(dz, w)
        dw += dz @ x[rows]
        db += dz.sum()
        dt[rows] = -upstream * z / N
    return dx, dw, db, dt


def cosine_similarity_backward(upstream, u, v):
    programs = -(-len(u) // WIDTH)
    parts = np.zeros((programs, 3), u.dtype)
    for program in range(programs):
        at = slice(program * WIDTH, program * WIDTH + WIDTH)
        parts[program] = u[at] @ u[at], v[at] @ v[at], u[at] @ v[at]
    uu, vv, uv = parts.sum(axis=0)
    a, b = np.sqrt(uu), np.sqrt(vv)
    c = uv / (a * b)
    du, dv = np.zeros_like(u), np.zeros_like(v)
    for place in range(programs):
        at = slice(place * WIDTH, place * WIDTH + WIDTH)
        du[at] = upstream * (v[at] / (a * b) - c * u[at] / uu)
        dv[at] = upstream * (u[at] / (a * b) - c * v[at] / vv)
    return du, dv
