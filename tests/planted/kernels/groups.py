"""Group normalisation in torch: axes are folded, so that a group is a row."""

import torch


def groupnorm_backward(dy, x, gamma, beta, *, eps=1e-5):
    N, G, C, S = x.shape
    rows = x.reshape(N * G, C * S)
    scaled = (dy * gamma[:, :, None]).reshape(N * G, C * S)
    var, mean = torch.var_mean(rows, dim=1, keepdim=True, correction=0)
    rstd = torch.rsqrt(var + eps)
    xhat = (rows - mean) * rstd
    along = (scaled * xhat).mean(dim=1, keepdim=True)
    level = scaled.mean(dim=1, keepdim=True)
    dx = (rstd * (scaled - level - xhat * along)).reshape(N, G, C, S)
    dgamma = (dy.reshape(N * G, C * S) * xhat).reshape(N, G, C, S).sum(dim=(0, 3))
    dbeta = dy.sum(dim=(0, 3))
    return dx, dgamma, dbeta
