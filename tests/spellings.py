"""How programs are spelled in each alphabet and notation: the table that the tests go through."""

from __future__ import annotations

from dataclasses import dataclass

LAYERNORM = """\
# Layer normalisation over the last axis.
layernorm(x[b,h], gamma[h], beta[h], eps=1e-5) -> y

m[b]     = 1/H * 1[h] * x[b,h]
mu[b,h]  = x[b,h] - 1[h]*m[b]
v[b]     = 1/H * 1[h] * mu[b,h]^2
sigma[b] = sqrt(v[b] + eps)
y[b,h]   = mu[b,h]/sigma[b] * gamma[h] + 1[b]*beta[h]
"""


@dataclass(frozen=True)
class Row:
    """A statement, and how it is spelled."""

    given: str
    text: str
    unicode: str
    unicode_sum: str
    latex: str
    latex_sum: str


def same(given: str, unicode: str, latex: str, text: str = "") -> Row:
    """A statement without sums that could be left out."""
    return Row(given, text or given, unicode, unicode, latex, latex)


TABLE = {
    "product": Row(
        "y[i] = x[i,k]*w[k]",
        "y[i] = x[i,k]*w[k]",
        "y_i = x_ik w_k",
        "y_i = Σ_k x_ik w_k",
        r"y_{i} = x_{ik} w_{k}",
        r"y_{i} = \sum_{k} x_{ik} w_{k}",
    ),
    "square-norm": Row(
        "s = sqrt(x[i]*x[i])",
        "s = sqrt(x[i]*x[i])",
        "s = √(x_i x_i)",
        "s = √(Σ_i x_i x_i)",
        r"s = \sqrt{x_{i} x_{i}}",
        r"s = \sqrt{\sum_{i} x_{i} x_{i}}",
    ),
    "two-sums": Row(
        "y[i] = a[i,k]*b[k] - c[i,k]*d[k]",
        "y[i] = a[i,k]*b[k] - c[i,k]*d[k]",
        "y_i = a_ik b_k - c_ik d_k",
        "y_i = Σ_k a_ik b_k - Σ_k c_ik d_k",
        r"y_{i} = a_{ik} b_{k} - c_{ik} d_{k}",
        r"y_{i} = \sum_{k} a_{ik} b_{k} - \sum_{k} c_{ik} d_{k}",
    ),
    "broadcast": same(
        "y[i,j] = x[i] + z[i,j]",
        "y_ij = 1_j x_i + z_ij",
        r"y_{ij} = \mathbf{1}_{j} x_{i} + z_{ij}",
        "y[i,j] = 1[j]*x[i] + z[i,j]",
    ),
    "one-tensor-of-two": same(
        "y[i,j] = x[i,j] - 1",
        "y_ij = x_ij - 1_ij",
        r"y_{ij} = x_{ij} - \mathbf{1}_{ij}",
        "y[i,j] = x[i,j] - 1[i,j]",
    ),
    "one-tensor-sums": Row(
        "m[b] = 1/H*1[h]*x[b,h]",
        "m[b] = 1/H*1[h]*x[b,h]",
        "m_b = (1/H) 1_h x_bh",
        "m_b = Σ_h (1/H) 1_h x_bh",
        r"m_{b} = \frac{1}{H} \mathbf{1}_{h} x_{bh}",
        r"m_{b} = \sum_{h} \frac{1}{H} \mathbf{1}_{h} x_{bh}",
    ),
    "minus-square": same("y[i] = -x[i]^2", "y_i = -x_i²", r"y_{i} = -x_{i}^{2}"),
    "square-of-minus": same(
        "y[i] = (-x[i])^2", "y_i = (-x_i)²", r"y_{i} = \left(-x_{i}\right)^{2}"
    ),
    "negative-number": same("y[i] = -2*x[i]", "y_i = -2 x_i", r"y_{i} = -2 x_{i}"),
    "negative-fraction": same(
        "y[i] = -1/2*x[i]", "y_i = -(1/2) x_i", r"y_{i} = -\frac{1}{2} x_{i}"
    ),
    "negative-exponent": same("y[i] = x[i]^-2", "y_i = 1/x_i²", r"y_{i} = \frac{1}{x_{i}^{2}}"),
    "minus-a-bracket": same(
        "y[i] = -(a[i] + b[i])",
        "y_i = -(a_i + b_i)",
        r"y_{i} = -\left(a_{i} + b_{i}\right)",
    ),
    "minus-a-bracket-first": same(
        "y[i] = -(a[i] + b[i]) + c[i]",
        "y_i = -(a_i + b_i) + c_i",
        r"y_{i} = -\left(a_{i} + b_{i}\right) + c_{i}",
    ),
    "minus-a-bracket-inside": same(
        "y[i] = exp(-(a[i] + b[i]))",
        "y_i = exp(-(a_i + b_i))",
        r"y_{i} = \exp\!\left(-\left(a_{i} + b_{i}\right)\right)",
    ),
    "minus-a-bracket-above": same(
        "y[i] = x[i]^-(a[i] + b[i])",
        "y_i = x_i^(-(a_i + b_i))",
        r"y_{i} = x_{i}^{-\left(a_{i} + b_{i}\right)}",
    ),
    "difference-of-difference": same(
        "y[i] = a[i] - (b[i] - c[i])",
        "y_i = a_i - (b_i - c_i)",
        r"y_{i} = a_{i} - \left(b_{i} - c_{i}\right)",
    ),
    "plus-minus": same(
        "y[i] = a[i] + -b[i]", "y_i = a_i - b_i", r"y_{i} = a_{i} - b_{i}", "y[i] = a[i] - b[i]"
    ),
    "division-in-the-middle": same(
        "y[i] = a[i]/b[i]*c[i]",
        "y_i = a_i/b_i · c_i",
        r"y_{i} = \frac{a_{i}}{b_{i}} c_{i}",
    ),
    "division-by-a-product": same(
        "y[i] = a[i]/(b[i]*c[i])",
        "y_i = a_i/(b_i c_i)",
        r"y_{i} = \frac{a_{i}}{b_{i} c_{i}}",
    ),
    "division-by-a-quotient": same(
        "y[i] = a[i]/(b[i]/c[i])",
        "y_i = a_i/(b_i/c_i)",
        r"y_{i} = \frac{a_{i}}{\frac{b_{i}}{c_{i}}}",
    ),
    "quotient-of-sums": same(
        "y[i] = (a[i] + b[i])/(c[i] - d[i])",
        "y_i = (a_i + b_i)/(c_i - d_i)",
        r"y_{i} = \frac{a_{i} + b_{i}}{c_{i} - d_{i}}",
    ),
    "minus-quotient": same("y[i] = -1/x[i]", "y_i = -1/x_i", r"y_{i} = -\frac{1}{x_{i}}"),
    "needless-brackets": same(
        "y[i] = ((a[i])*((b[i]))) + (c[i])",
        "y_i = a_i b_i + c_i",
        r"y_{i} = a_{i} b_{i} + c_{i}",
        "y[i] = a[i]*b[i] + c[i]",
    ),
    "tower": same(
        "y[i] = a[i]^b[i]^c[i]",
        "y_i = a_i^(b_i^c_i)",
        r"y_{i} = a_{i}^{b_{i}^{c_{i}}}",
    ),
    "power-of-power": same(
        "y[i] = (a[i]^b[i])^c[i]",
        "y_i = (a_i^b_i)^c_i",
        r"y_{i} = \left(a_{i}^{b_{i}}\right)^{c_{i}}",
    ),
    "power-of-quotient": same(
        "y[i] = (a[i]/b[i])^2",
        "y_i = (a_i/b_i)²",
        r"y_{i} = \left(\frac{a_{i}}{b_{i}}\right)^{2}",
    ),
    "exponent-sum": same("y[i] = x[i]^(n + 1)", "y_i = x_i^(n + 1)", r"y_{i} = x_{i}^{n + 1}"),
    "abs": same(
        "y[i] = abs(x[i] - z[i])", "y_i = |x_i - z_i|", r"y_{i} = \left|x_{i} - z_{i}\right|"
    ),
    "sqrt-of-a-size": Row(
        "y[i] = x[i,d]*w[d]/sqrt(D)",
        "y[i] = x[i,d]*w[d]/sqrt(D)",
        "y_i = x_id w_d/√D",
        "y_i = Σ_d x_id w_d/√D",
        r"y_{i} = \frac{x_{id} w_{d}}{\sqrt{D}}",
        r"y_{i} = \sum_{d} \frac{x_{id} w_{d}}{\sqrt{D}}",
    ),
    "numbered-names": Row(
        "y[i,j] = w1[i,k]*w2[k,j]",
        "y[i,j] = w1[i,k]*w2[k,j]",
        "y_ij = w1_ik w2_kj",
        "y_ij = Σ_k w1_ik w2_kj",
        r"y_{ij} = w^{(1)}_{ik} w^{(2)}_{kj}",
        r"y_{ij} = \sum_{k} w^{(1)}_{ik} w^{(2)}_{kj}",
    ),
    "numbered-name-squared": same(
        "y[i] = x1[i]^2", "y_i = x1_i²", r"y_{i} = \left(x^{(1)}_{i}\right)^{2}"
    ),
    "long-letters": Row(
        "y[row,col] = x[row,k]*w[k,col]",
        "y[row,col] = x[row,k]*w[k,col]",
        "y_{row,col} = x_{row,k} w_{k,col}",
        "y_{row,col} = Σ_k x_{row,k} w_{k,col}",
        r"y_{\mathrm{row},\mathrm{col}} = x_{\mathrm{row},k} w_{k,\mathrm{col}}",
        r"y_{\mathrm{row},\mathrm{col}} = \sum_{k} x_{\mathrm{row},k} w_{k,\mathrm{col}}",
    ),
    "greek": same(
        "y[α] = γ[α]*σ + θ1[α]",
        "y_α = γ_α σ + θ1_α",
        r"y_{\alpha} = \gamma_{\alpha} \sigma + \theta^{(1)}_{\alpha}",
        "y[alpha] = gamma[alpha]*sigma + theta1[alpha]",
    ),
    "long-name": same("s = scores*eps", "s = scores ε", r"s = \mathrm{scores} \varepsilon"),
    "delta": Row(
        "y[i,j] = delta[i,k]*x[k,j]",
        "y[i,j] = delta[i,k]*x[k,j]",
        "y_ij = δ_ik x_kj",
        "y_ij = Σ_k δ_ik x_kj",
        r"y_{ij} = \delta_{ik} x_{kj}",
        r"y_{ij} = \sum_{k} \delta_{ik} x_{kj}",
    ),
    "trace": Row(
        "s = x[i,i]", "s = x[i,i]", "s = x_ii", "s = Σ_i x_ii", "s = x_{ii}", r"s = \sum_{i} x_{ii}"
    ),
    "diagonal": Row(
        "y[i] = x[i,i]",
        "y[i] = x[i,i]",
        "y_i = x_ii  (no sum i)",
        "y_i = x_ii",
        r"y_{i} = x_{ii} \quad \text{(no sum $i$)}",
        r"y_{i} = x_{ii}",
    ),
    "two-diagonals": Row(
        "y[i,j] = x[i,i]*z[j,j,k]*w[k]",
        "y[i,j] = x[i,i]*z[j,j,k]*w[k]",
        "y_ij = x_ii z_jjk w_k  (no sum ij)",
        "y_ij = Σ_k x_ii z_jjk w_k",
        r"y_{ij} = x_{ii} z_{jjk} w_{k} \quad \text{(no sum $ij$)}",
        r"y_{ij} = \sum_{k} x_{ii} z_{jjk} w_{k}",
    ),
    "elementwise": same("y[i] = x[i]*w[i]", "y_i = x_i w_i", r"y_{i} = x_{i} w_{i}"),
    "max": same(
        "y[i] = max[k](x[i,k])", "y_i = max_k(x_ik)", r"y_{i} = \max_{k} \left(x_{ik}\right)"
    ),
    "min-of-two": same(
        "s = min[j,k](x[j,k])", "s = min_jk(x_jk)", r"s = \min_{jk} \left(x_{jk}\right)"
    ),
    "prod": same(
        "y[i] = prod[k](x[i,k])", "y_i = prod_k(x_ik)", r"y_{i} = \prod_{k} \left(x_{ik}\right)"
    ),
    "mean": same(
        "m[b] = mean[h](x[b,h])", "m_b = (1/H) Σ_h x_bh", r"m_{b} = \frac{1}{H} \sum_{h} x_{bh}"
    ),
    "explicit-sum": same(
        "y[i] = x[i]*sum[k](z[k])", "y_i = x_i Σ_k z_k", r"y_{i} = x_{i} \sum_{k} z_{k}"
    ),
    "explicit-sum-first": same(
        "y[i] = sum[k](z[k])*x[i]",
        "y_i = (Σ_k z_k) x_i",
        r"y_{i} = \left(\sum_{k} z_{k}\right) x_{i}",
    ),
    "explicit-sum-of-a-sum": same(
        "s = sum[k](x[k] + z[k])",
        "s = Σ_k (x_k + z_k)",
        r"s = \sum_{k} \left(x_{k} + z_{k}\right)",
    ),
    "square-of-a-sum": same(
        "s = sum[k](x[k])^2", "s = (Σ_k x_k)²", r"s = \left(\sum_{k} x_{k}\right)^{2}"
    ),
    "sum-inside-a-function": Row(
        "y[n,m] = tanh(x[n,k]*w[k,m] + b[m])",
        "y[n,m] = tanh(x[n,k]*w[k,m] + 1[n]*b[m])",
        "y_nm = tanh(x_nk w_km + 1_n b_m)",
        "y_nm = tanh(Σ_k x_nk w_km + 1_n b_m)",
        r"y_{nm} = \tanh\!\left(x_{nk} w_{km} + \mathbf{1}_{n} b_{m}\right)",
        r"y_{nm} = \tanh\!\left(\sum_{k} x_{nk} w_{km} + \mathbf{1}_{n} b_{m}\right)",
    ),
    "sum-in-a-denominator": Row(
        "p[i] = exp(x[i])/(1[k]*exp(x[k]))",
        "p[i] = exp(x[i])/(1[k]*exp(x[k]))",
        "p_i = exp(x_i)/(1_k exp(x_k))",
        "p_i = exp(x_i)/(Σ_k 1_k exp(x_k))",
        r"p_{i} = \frac{\exp\!\left(x_{i}\right)}{\mathbf{1}_{k} \exp\!\left(x_{k}\right)}",
        r"p_{i} = \frac{\exp\!\left(x_{i}\right)}"
        r"{\sum_{k} \mathbf{1}_{k} \exp\!\left(x_{k}\right)}",
    ),
    "sum-outside-a-square": Row(
        "s = 1[h]*(x[h] - 1[h]*m)^2",
        "s = 1[h]*(x[h] - 1[h]*m)^2",
        "s = 1_h (x_h - 1_h m)²",
        "s = Σ_h 1_h (x_h - 1_h m)²",
        r"s = \mathbf{1}_{h} \left(x_{h} - \mathbf{1}_{h} m\right)^{2}",
        r"s = \sum_{h} \mathbf{1}_{h} \left(x_{h} - \mathbf{1}_{h} m\right)^{2}",
    ),
    "shadowed": same(
        "y[i] = x[i]*sum[i](x[i])",
        "y_i = x_i Σ_j x_j",
        r"y_{i} = x_{i} \sum_{j} x_{j}",
        "y[i] = x[i]*sum[j](x[j])",
    ),
    "functions": same(
        "y[i] = asin(x[i]) + sigmoid(x[i])*f(x[i], w[i])",
        "y_i = asin(x_i) + sigmoid(x_i) f(x_i, w_i)",
        r"y_{i} = \arcsin\!\left(x_{i}\right) + \operatorname{sigmoid}\!\left(x_{i}\right) "
        r"f\!\left(x_{i}, w_{i}\right)",
    ),
    "negative-denominator": same(
        "y[i] = x[i]/-2", "y_i = x_i/(-2)", r"y_{i} = \frac{x_{i}}{-2}", "y[i] = x[i]/(-2)"
    ),
    "number-after-a-tensor": same("y[i] = a[i]*2", "y_i = a_i · 2", r"y_{i} = a_{i} \cdot 2"),
    "numbers-below": same(
        "y[i] = x[i]*2/3/4",
        "y_i = x_i · 2/(3 · 4)",
        r"y_{i} = \frac{x_{i} \cdot 2}{3 \cdot 4}",
    ),
    "number-after-a-sum": same(
        "y[i] = x[i]*sum[k](z[k])*2",
        "y_i = x_i (Σ_k z_k) · 2",
        r"y_{i} = x_{i} \left(\sum_{k} z_{k}\right) \cdot 2",
    ),
    "number-before-a-power": same(
        "y[i] = 2*3^x[i]", "y_i = 2 · 3^x_i", r"y_{i} = 2 \cdot 3^{x_{i}}"
    ),
    "power-of-a-root": same("y[i] = sqrt(x[i])^2", "y_i = (√x_i)²", r"y_{i} = \sqrt{x_{i}}^{2}"),
    "number-times-one": same(
        "y[i] = x[i] + 3",
        "y_i = x_i + 3 · 1_i",
        r"y_{i} = x_{i} + 3 \mathbf{1}_{i}",
        "y[i] = x[i] + 3*1[i]",
    ),
    "scalar-product": same("y[i] = 2*pi*x[i]", "y_i = 2 π x_i", r"y_{i} = 2 \pi x_{i}"),
}
