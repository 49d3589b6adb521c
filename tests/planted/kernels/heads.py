"""Attention of many heads in torch."""

import torch


def heads_backward(do, q, k, v):
    scale = q.shape[-1] ** -0.5
    p = torch.softmax(q @ k.mT * scale, dim=-1)
    dp = do @ v.mT
    ds = p * (dp - (p * dp).sum(dim=-1, keepdim=True))
    dq = ds @ k * scale
    dk = ds.mT @ q * scale
    dv = p.mT @ do
    return dq, dk, dv
