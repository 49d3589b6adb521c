"""First-order identities of The Matrix Cookbook: each gradient as it stands there, in form and in
value.

A row is a statement, the same in NumPy, the variable, and its gradient in matrix notation. The
values are compared with the complex step: Im f(X + ih)/h is the slope to all digits where f is
made of products, powers and analytic functions.
"""

from __future__ import annotations
