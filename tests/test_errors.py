"""Every kind of error, as the user sees it: the whole text, to the letter."""

from __future__ import annotations

import copy
import importlib
import inspect
import io
import pickle
import pkgutil
import re
import signal
import time
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np
import pytest
from sympy.core.cache import clear_cache

import indexcalc
from indexcalc.cli import main
from indexcalc.errors import CODES, WIDTH, IndexcalcError
from indexcalc.expr.base import Index
from indexcalc.expr.bridge import to_sympy
from indexcalc.expr.nodes import Access, D, Reduce
from indexcalc.lang.reading import read
from indexcalc.render.echo import echo, source

K = Index("k")


def _exhausted(x: object) -> object:
    raise MemoryError


# What it is, the text, and the whole message.
CASES: list[tuple[str, str, str]] = [
    # Text
    (
        "nothing at all",
        "",
        """\
error IC101: there is nothing to read
hint: write a statement: y[i] = x[i,k]*w[k]
""",
    ),
    (
        "only comments",
        "# only a comment\n# and another",
        """\
error IC101: there is nothing to read
hint: write a statement: y[i] = x[i,k]*w[k]
""",
    ),
    (
        "a signature alone",
        "f(x[i]) -> y",
        """\
error IC101: there is nothing to read
hint: write a statement: y[i] = x[i,k]*w[k]
""",
    ),
    (
        "a middle dot",
        "y[i] = x[i] · 2",
        """\
error IC102: · does not belong to the language
  in text, line 1, column 13:
  y[i] = x[i] · 2
              ^
hint: write * instead
""",
    ),
    (
        "a question mark",
        "y[i] = x[i] ? 2",
        """\
error IC102: ? does not belong to the language
  in text, line 1, column 13:
  y[i] = x[i] ? 2
              ^
hint: the language has letters, digits, + - * / ^ ( ) [ ] , ; = += -> and #
""",
    ),
    (
        "a superscript",
        "y[i] = x[i]²",
        """\
error IC102: ² does not belong to the language
  in text, line 1, column 12:
  y[i] = x[i]²
             ^
hint: write ^2 instead
""",
    ),
    (
        "a no-break space",
        "y[i] =\u00a0x[i]",
        """\
error IC102: no-break space does not belong to the language
  in text, line 1, column 7:
  y[i] =\u00a0x[i]
        ^
hint: write a plain space instead
""",
    ),
    (
        "a zero width space",
        "y[i] = x\u200b[i]",
        """\
error IC102: zero width space does not belong to the language
  in text, line 1, column 9:
  y[i] = x�[i]
          ^
hint: the language has letters, digits, + - * / ^ ( ) [ ] , ; = += -> and #
""",
    ),
    (
        "an opener never closed",
        "y[i] = (x[i] + 1",
        """\
error IC103: ( is never closed
  in text, line 1, column 8:
  y[i] = (x[i] + 1
         ^
hint: add ) where it ends
""",
    ),
    (
        "an opener never closed, over lines",
        "y[i] = tanh(x[i] +\n  1\nz[i] = y[i]",
        """\
error IC103: ( is never closed
  in text, line 1, column 12:
  y[i] = tanh(x[i] +
             ^
hint: add ) where it ends
""",
    ),
    (
        "a statement that ends inside a bracket",
        "y[i] = (x[i]; z = 2",
        """\
error IC103: ( is never closed
  in text, line 1, column 8:
  y[i] = (x[i]; z = 2
         ^
hint: add ) where it ends
""",
    ),
    (
        "a closer without an opener",
        "y[i] = x[i] + 1)",
        """\
error IC103: ) closes nothing
  in text, line 1, column 16:
  y[i] = x[i] + 1)
                 ^
hint: remove it, or open its bracket before
""",
    ),
    (
        "a closer of another kind",
        "y[i] = (x[i]]",
        """\
error IC103: ( is never closed
  in text, line 1, column 8:
  y[i] = (x[i]]
         ^
hint: add ) where it ends
""",
    ),
    (
        "a silent product",
        "y[i] = 2x[i]",
        """\
error IC104: expected an operator or the end of the statement, found x
  in text, line 1, column 9:
  y[i] = 2x[i]
          ^
hint: nothing is multiplied silently: write *
""",
    ),
    (
        "two names side by side",
        "y[i] = x[i] w[i]",
        """\
error IC104: expected an operator or the end of the statement, found w
  in text, line 1, column 13:
  y[i] = x[i] w[i]
              ^
hint: nothing is multiplied silently: write *
""",
    ),
    (
        "nothing after an operator",
        "y[i] = x[i] +",
        """\
error IC104: expected an expression, found the end of the text
  in text, line 1, column 14:
  y[i] = x[i] +
               ^
hint: an expression goes on over a line only inside brackets
""",
    ),
    (
        "a unary plus",
        "y[i] = +x[i]",
        """\
error IC104: expected an expression, found +
  in text, line 1, column 8:
  y[i] = +x[i]
         ^
hint: there is no unary plus
""",
    ),
    (
        "no equals sign",
        "x[i]",
        """\
error IC104: expected =, found the end of the text
  in text, line 1, column 5:
  x[i]
      ^
hint: a statement is written y[i] = ...
""",
    ),
    (
        "no left-hand side",
        "= 3",
        """\
error IC104: expected a name, found =
  in text, line 1, column 1:
  = 3
  ^
hint: a statement is written y[i] = ...
""",
    ),
    (
        "a number with indices",
        "y[i] = 2[i]",
        """\
error IC104: 2 takes no indices; only 1 does, the one-tensor
  in text, line 1, column 8:
  y[i] = 2[i]
         ^
hint: write 2*1[h]
""",
    ),
    (
        "empty brackets",
        "y[i] = x[]",
        """\
error IC104: expected an index, found ]
  in text, line 1, column 10:
  y[i] = x[]
           ^
hint: indices are letters or names: x[i,j]
""",
    ),
    (
        "a number as an index",
        "y[2] = x[i]",
        """\
error IC104: expected an index, found 2
  in text, line 1, column 3:
  y[2] = x[i]
    ^
hint: indices are letters or names: x[i,j]
""",
    ),
    (
        "no argument",
        "y = exp()",
        """\
error IC104: expected an expression, found )
  in text, line 1, column 9:
  y = exp()
          ^
hint: an operator stands between two expressions
""",
    ),
    (
        "two signatures",
        "f(x[i]) -> y\ng(x[i]) -> z\ny[i] = x[i]",
        """\
error IC104: a signature comes first, and once
  in text, line 2, column 1:
  g(x[i]) -> z
  ^
hint: on the left of = a tensor has square brackets: y[i] = ...
""",
    ),
    (
        "a signature without outputs",
        "f(x[i])\ny[i] = x[i]",
        """\
error IC104: expected ->, found the end of the line
  in text, line 1, column 8:
  f(x[i])
         ^
hint: a signature ends with its outputs: f(x[i]) -> y
""",
    ),
    (
        "a default on a tensor",
        "f(x[i]=2) -> y\ny[i] = x[i]",
        """\
error IC104: a default makes a constant, and a constant has no indices
  in text, line 1, column 7:
  f(x[i]=2) -> y
        ^
hint: remove the default, or the indices of x
""",
    ),
    (
        "a default that is no number",
        "f(s=x) -> y\ny = s",
        """\
error IC104: a default is a number
  in text, line 1, column 5:
  f(s=x) -> y
      ^
hint: write numbers, pi and functions of them
""",
    ),
    # Constants
    (
        "a literal too long",
        "y[i] = 1e10001*x[i]",
        """\
error IC107: this constant has more than 10,000 digits
  in text, line 1, column 8:
  y[i] = 1e10001*x[i]
         ^^^^^^^
hint: make it an input, or a constant of the signature
""",
    ),
    (
        "an exponent too long",
        "y[i] = 1e99999999*x[i]",
        """\
error IC107: this constant has more than 10,000 digits
  in text, line 1, column 8:
  y[i] = 1e99999999*x[i]
         ^^^^^^^^^^
hint: make it an input, or a constant of the signature
""",
    ),
    (
        "a power too long",
        "y[i] = 10^10001 * x[i]",
        """\
error IC107: this constant has more than 10,000 digits
  in text, line 1, column 8:
  y[i] = 10^10001 * x[i]
         ^^^^^^^^
hint: make it an input, or a constant of the signature
""",
    ),
    (
        "a power far too long",
        "y[i] = 2^(10^9)*x[i]",
        """\
error IC107: this constant has more than 10,000 digits
  in text, line 1, column 8:
  y[i] = 2^(10^9)*x[i]
         ^^^^^^^
hint: make it an input, or a constant of the signature
""",
    ),
    (
        "a product too long",
        "y[i] = 1e9999*1e9999*x[i]",
        """\
error IC107: this constant has more than 10,000 digits
  in text, line 1, column 8:
  y[i] = 1e9999*1e9999*x[i]
         ^^^^^^^^^^^^^^^^^^
hint: make it an input, or a constant of the signature
""",
    ),
    (
        "a division by zero",
        "y[i] = x[i] * (1/0)",
        """\
error IC109: this constant is not a real number
  in text, line 1, column 18:
  y[i] = x[i] * (1/0)
                   ^
hint: it is infinite, undefined or complex; change it
""",
    ),
    (
        "a logarithm of zero",
        "y[i] = x[i] * log(0)",
        """\
error IC109: this constant is not a real number
  in text, line 1, column 15:
  y[i] = x[i] * log(0)
                ^^^^^^
hint: it is infinite, undefined or complex; change it
""",
    ),
    (
        "a root of a negative number",
        "y[i] = sqrt(-1)*x[i]",
        """\
error IC109: this constant is not a real number
  in text, line 1, column 8:
  y[i] = sqrt(-1)*x[i]
         ^^^^^^^^
hint: it is infinite, undefined or complex; change it
""",
    ),
    (
        "an arc sine above one",
        "y[i] = asin(2)*x[i]",
        """\
error IC109: this constant is not a real number
  in text, line 1, column 8:
  y[i] = asin(2)*x[i]
         ^^^^^^^
hint: it is infinite, undefined or complex; change it
""",
    ),
    # Names
    (
        "a function misspelt",
        "y[i] = sigmiod(x[i])",
        """\
error IC301: there is no function sigmiod
  in text, line 1, column 8:
  y[i] = sigmiod(x[i])
         ^^^^^^^
hint: did you mean sigmoid?
""",
    ),
    (
        "an unknown function",
        "y[i] = zork(x[i])",
        """\
error IC301: there is no function zork
  in text, line 1, column 8:
  y[i] = zork(x[i])
         ^^^^
hint: declare it: pointwise zork
""",
    ),
    (
        "a binder without its index",
        "y = sum(x[i])",
        """\
error IC301: there is no function sum
  in text, line 1, column 5:
  y = sum(x[i])
      ^^^
hint: write sum[k](...), with the index to go over
""",
    ),
    (
        "python's own functions",
        "y = __import__(x)",
        """\
error IC301: there is no function __import__
  in text, line 1, column 5:
  y = __import__(x)
      ^^^^^^^^^^
hint: declare it: pointwise __import__
""",
    ),
    (
        "a name misspelt",
        "f(x[i], scale) -> y\ny[i] = scael*x[i]",
        """\
error IC302: scael is not in the signature and is not defined above
  in text, line 2, column 8:
  y[i] = scael*x[i]
         ^^^^^
hint: did you mean scale?
""",
    ),
    (
        "an undeclared name",
        "f(x[i]) -> y\ny[i] = zork*x[i]",
        """\
error IC302: zork is not in the signature and is not defined above
  in text, line 2, column 8:
  y[i] = zork*x[i]
         ^^^^
hint: add zork to the signature, or define it
""",
    ),
    (
        "defined twice",
        "y[i] = x[i]\ny[i] = 2*x[i]",
        """\
error IC303: y is defined already
  in text, line 2, column 1:
  y[i] = 2*x[i]
  ^
  in text, line 1, column 1:
  y[i] = x[i]
  ^
hint: choose another name, or add a term with +=
""",
    ),
    (
        "an input defined",
        "f(x[i]) -> x\nx[i] = 2",
        """\
error IC303: x is defined already
  in text, line 2, column 1:
  x[i] = 2
  ^
  in text, line 1, column 3:
  f(x[i]) -> x
    ^
hint: choose another name, or add a term with +=
""",
    ),
    (
        "an input declared twice",
        "f(x[i], x[j]) -> y\ny = x[i]*x[i]",
        """\
error IC303: x is defined already
  in text, line 1, column 9:
  f(x[i], x[j]) -> y
          ^
  in text, line 1, column 3:
  f(x[i], x[j]) -> y
    ^
hint: choose another name, or add a term with +=
""",
    ),
    (
        "a known function declared",
        "pointwise exp\ny = exp(2)",
        """\
error IC303: exp is a function already
  in text, line 1, column 11:
  pointwise exp
            ^^^
hint: declare another name
""",
    ),
    (
        "used before its definition",
        "y[i] = z[i]\nz[i] = x[i]",
        """\
error IC304: z is defined only below
  in text, line 1, column 8:
  y[i] = z[i]
         ^^^^
  in text, line 2, column 1:
  z[i] = x[i]
  ^
hint: move the definition up
""",
    ),
    (
        "used in its own definition",
        "y[i] = y[i] + x[i]",
        """\
error IC304: y is used in its own definition
  in text, line 1, column 8:
  y[i] = y[i] + x[i]
         ^^^^
  in text, line 1, column 1:
  y[i] = y[i] + x[i]
  ^
hint: give the new value another name
""",
    ),
    (
        "added to an input",
        "f(x[i]) -> y\nx[i] += 1\ny[i] = x[i]",
        """\
error IC305: x is an input and cannot be added to
  in text, line 2, column 6:
  x[i] += 1
       ^^
  in text, line 1, column 3:
  f(x[i]) -> y
    ^
hint: define another name: z = x + ...
""",
    ),
    (
        "added to after a use",
        "y[i] = x[i]\nz[i] = y[i]\ny[i] += 1",
        """\
error IC306: y was used before this term is added
  in text, line 3, column 6:
  y[i] += 1
       ^^
  in text, line 2, column 8:
  z[i] = y[i]
         ^^^^
hint: add the term before the first use, or give the new value another name
""",
    ),
    (
        "an index used as a name",
        "y[i] = i*x[i]",
        """\
error IC307: i is an index in this statement and cannot be a name too
  in text, line 1, column 8:
  y[i] = i*x[i]
         ^
  in text, line 1, column 3:
  y[i] = i*x[i]
    ^
hint: use another letter for the index
""",
    ),
    (
        "an index used as a tensor",
        "y[i] = i[i]",
        """\
error IC307: i is an index in this statement and cannot be a name too
  in text, line 1, column 8:
  y[i] = i[i]
         ^
  in text, line 1, column 3:
  y[i] = i[i]
    ^
hint: use another letter for the index
""",
    ),
    (
        "a tensor used as an index",
        "y[i] = x[i]*a[x]*b[x]",
        """\
error IC307: x is an index in this statement and cannot be a name too
  in text, line 1, column 8:
  y[i] = x[i]*a[x]*b[x]
         ^
  in text, line 1, column 15:
  y[i] = x[i]*a[x]*b[x]
                ^
hint: use another letter for the index
""",
    ),
    (
        "the left-hand side used as an index",
        "i[i] = x[i]",
        """\
error IC307: i is an index in this statement and cannot be a name too
  in text, line 1, column 1:
  i[i] = x[i]
  ^
  in text, line 1, column 3:
  i[i] = x[i]
    ^
hint: use another letter for the index
""",
    ),
    (
        "too many indices",
        "y[i] = x[i] + x[i,i]",
        """\
error IC308: x has 1 index, not 2
  in text, line 1, column 15:
  y[i] = x[i] + x[i,i]
                ^^^^^^
  in text, line 1, column 8:
  y[i] = x[i] + x[i,i]
         ^^^^
hint: a tensor has the same number of indices everywhere
""",
    ),
    (
        "too few indices",
        "y[i] = x[i,j]*w[j] + x[i]",
        """\
error IC308: x has 2 indices, not 1
  in text, line 1, column 22:
  y[i] = x[i,j]*w[j] + x[i]
                       ^^^^
  in text, line 1, column 8:
  y[i] = x[i,j]*w[j] + x[i]
         ^^^^^^
hint: a tensor has the same number of indices everywhere
""",
    ),
    (
        "a delta with one index",
        "y = delta[i]",
        """\
error IC308: delta has 2 indices, not 1
  in text, line 1, column 5:
  y = delta[i]
      ^^^^^^^^
hint: write delta[i,j]
""",
    ),
    (
        "a delta with three indices",
        "y[i] = delta[i,j,k]*x[j]*w[k]",
        """\
error IC308: delta has 2 indices, not 3
  in text, line 1, column 8:
  y[i] = delta[i,j,k]*x[j]*w[k]
         ^^^^^^^^^^^^
hint: write delta[i,j]
""",
    ),
    (
        "an added term of another order",
        "y[i] = x[i]\ny += 2",
        """\
error IC308: y has 1 index, not 0
  in text, line 2, column 1:
  y += 2
  ^
  in text, line 1, column 1:
  y[i] = x[i]
  ^
hint: a tensor has the same number of indices everywhere
""",
    ),
    (
        "brackets on a declared scalar",
        "f(x[i], s) -> y\ny[i] = s[i]*x[i]",
        """\
error IC309: s has order 0 and takes no brackets
  in text, line 2, column 8:
  y[i] = s[i]*x[i]
         ^^^^
  in text, line 1, column 9:
  f(x[i], s) -> y
          ^
hint: write s, or give it indices where it is declared or first used
""",
    ),
    (
        "brackets on a defined scalar",
        "s = 2\ny[i] = s[i]",
        """\
error IC309: s has order 0 and takes no brackets
  in text, line 2, column 8:
  y[i] = s[i]
         ^^^^
  in text, line 1, column 1:
  s = 2
  ^
hint: write s, or give it indices where it is declared or first used
""",
    ),
    (
        "pi defined",
        "pi = x[i]*x[i]",
        """\
error IC310: pi is reserved
  in text, line 1, column 1:
  pi = x[i]*x[i]
  ^^
hint: choose another name
""",
    ),
    (
        "pi with indices",
        "y = pi[i]",
        """\
error IC310: pi is reserved
  in text, line 1, column 5:
  y = pi[i]
      ^^
hint: pi is a number
""",
    ),
    (
        "pi as an index",
        "y[pi] = x[pi]",
        """\
error IC310: pi is reserved
  in text, line 1, column 3:
  y[pi] = x[pi]
    ^^
hint: it cannot be an index
""",
    ),
    (
        "delta without indices",
        "y[i] = delta*x[i]",
        """\
error IC310: delta is reserved
  in text, line 1, column 8:
  y[i] = delta*x[i]
         ^^^^^
hint: delta[i,j] is the Kronecker delta
""",
    ),
    (
        "size as a name",
        "y[i] = x[i]*size",
        """\
error IC310: size is reserved
  in text, line 1, column 13:
  y[i] = x[i]*size
              ^^^^
hint: size(h) is the size of the index h
""",
    ),
    (
        "a reserved input",
        "f(delta[i]) -> y\ny = 2",
        """\
error IC310: delta is reserved
  in text, line 1, column 3:
  f(delta[i]) -> y
    ^^^^^
hint: choose another name
""",
    ),
    (
        "a capital naming two sizes",
        "y = a[k]*b[k]/K + c[k]*d[k]",
        """\
error IC311: K would be two sizes here, K and K2
  in text, line 1, column 15:
  y = a[k]*b[k]/K + c[k]*d[k]
                ^
hint: use another letter than k for one of them
""",
    ),
    (
        "a capital of an index elsewhere",
        "y[i] = a[i]/K\nz = b[k]*c[k]",
        """\
error IC311: K could be the size of k, which is an index of other statements only
  in text, line 1, column 13:
  y[i] = a[i]/K
              ^
hint: use the letter k in this statement, write the size with an index of it, or choose another \
name
""",
    ),
    (
        "a capital that is also an input",
        "f(K, x[k]) -> y\ny[k] = K*x[k]",
        """\
error IC311: K is a name of this program and would be the size of k
  in text, line 2, column 8:
  y[k] = K*x[k]
         ^
  in text, line 1, column 3:
  f(K, x[k]) -> y
    ^
hint: rename one of them; size(k) is always the size
""",
    ),
    (
        "a capital that is also defined",
        "K = 2*z\ny[k] = K*x[k]",
        """\
error IC311: K is a name of this program and would be the size of k
  in text, line 2, column 8:
  y[k] = K*x[k]
         ^
  in text, line 1, column 1:
  K = 2*z
  ^
hint: rename one of them; size(k) is always the size
""",
    ),
    (
        "an output nobody defines",
        "f(x[i]) -> z\ny[i] = x[i]",
        """\
error IC312: no statement defines the output z
  in text, line 1, column 12:
  f(x[i]) -> z
             ^
hint: define z
""",
    ),
    (
        "two arguments for one",
        "y[i] = exp(x[i], 2)",
        """\
error IC313: exp takes 1 argument, and 2 are given
  in text, line 1, column 8:
  y[i] = exp(x[i], 2)
         ^^^^^^^^^^^^
hint: write exp(x)
""",
    ),
    (
        "an abstract function with one argument and two",
        "y[i] = f(x[i], w[i])\nz[i] = f(x[i])",
        """\
error IC313: f takes 2 arguments, and 1 is given
  in text, line 2, column 8:
  z[i] = f(x[i])
         ^^^^^^^
hint: an abstract function takes the same number everywhere
""",
    ),
    (
        "a function used as a tensor",
        "y[i] = f(x[i]) + f[i]",
        """\
error IC313: f is a function here and cannot be a tensor too
  in text, line 1, column 8:
  y[i] = f(x[i]) + f[i]
         ^
  in text, line 1, column 18:
  y[i] = f(x[i]) + f[i]
                   ^^^^
hint: rename one of them
""",
    ),
    (
        "a tensor used as a function",
        "y[i] = x[i] + x(2)",
        """\
error IC313: x is a tensor, not a function
  in text, line 1, column 15:
  y[i] = x[i] + x(2)
                ^
hint: write x[...] for a component, x*(...) for a product
""",
    ),
    (
        "eps beside epsilon",
        "y[i] = eps*epsilon*x[i]",
        """\
error IC314: eps and epsilon would both print as ε
  in text, line 1, column 12:
  y[i] = eps*epsilon*x[i]
             ^^^^^^^
  in text, line 1, column 8:
  y[i] = eps*epsilon*x[i]
         ^^^
hint: rename one of them
""",
    ),
    # Indices
    (
        "a lone index",
        "y[i] = a[i,k]",
        """\
error IC401: k occurs once in its term and is not on the left
  in text, line 1, column 12:
  y[i] = a[i,k]
             ^
hint: to sum over it, write 1[k]* or sum[k](...); to keep it, put k on the left
""",
    ),
    (
        "a power is one occurrence",
        "y = x[k]^2",
        """\
error IC401: k occurs once in its term and is not on the left
  in text, line 1, column 7:
  y = x[k]^2
        ^
hint: to sum over it, write 1[k]* or sum[k](...); to keep it, put k on the left
""",
    ),
    (
        "a square is one occurrence",
        "y = (t[i]-x[i])^2",
        """\
error IC401: i occurs once in its term and is not on the left
  in text, line 1, column 8:
  y = (t[i]-x[i])^2
         ^
hint: to sum over it, write 1[i]* or sum[i](...); to keep it, put i on the left
""",
    ),
    (
        "a denominator that could sum",
        "y = a[k]*b[k]/(c[k]*d[k])",
        """\
error IC402: k could be summed over the whole product or inside this part of it alone
  in text, line 1, column 16:
  y = a[k]*b[k]/(c[k]*d[k])
                 ^^^^^^^^^
hint: use another letter in one of them, or write sum[k](...)
""",
    ),
    (
        "two roots that could sum",
        "y = sqrt(x[i]*x[i])*sqrt(z[i]*z[i])",
        """\
error IC402: i could be summed over the whole product or inside this part of it alone
  in text, line 1, column 5:
  y = sqrt(x[i]*x[i])*sqrt(z[i]*z[i])
      ^^^^^^^^^^^^^^^
hint: use another letter in one of them, or write sum[i](...)
""",
    ),
    (
        "two products that could sum",
        "y = (a[k]*b[k])*(c[k]*d[k])",
        """\
error IC402: k could be summed over the whole product or inside this part of it alone
  in text, line 1, column 6:
  y = (a[k]*b[k])*(c[k]*d[k])
       ^^^^^^^^^
hint: use another letter in one of them, or write sum[k](...)
""",
    ),
    (
        "a one-tensor over a free index",
        "y[b,h] = x[b,h] - 1/H*1[h]*x[b,h]",
        """\
error IC403: h is free here, so this one-tensor neither sums nor broadcasts
  in text, line 1, column 23:
  y[b,h] = x[b,h] - 1/H*1[h]*x[b,h]
                        ^^^^
hint: to sum, use another letter than h; otherwise remove it
""",
    ),
    (
        "repeated on the left",
        "y[i,i] = x[i]",
        """\
error IC404: i is repeated on the left
  in text, line 1, column 5:
  y[i,i] = x[i]
      ^
hint: every index on the left is a letter of its own; use delta[i,j] on the right
""",
    ),
    (
        "repeated in a binder",
        "y = sum[k,k](a[k])",
        """\
error IC404: k is repeated in a binder
  in text, line 1, column 11:
  y = sum[k,k](a[k])
            ^
hint: use different letters
""",
    ),
    # Sizes
    (
        "two sizes for one index",
        "f(x[b,h], w[h]) -> y\ny[b,h] = x[b,h]*w[b]",
        """\
error IC501: b has size B here, and this axis of w has size H
  in text, line 2, column 19:
  y[b,h] = x[b,h]*w[b]
                    ^
  in text, line 2, column 3:
  y[b,h] = x[b,h]*w[b]
    ^
hint: declare both with one letter if they are equal, or use another index than b
""",
    ),
    (
        "a trace of unequal sizes",
        "f(x[i,j]) -> y\ny = x[i,i]",
        """\
error IC501: i has size I here, and this axis of x has size J
  in text, line 2, column 9:
  y = x[i,i]
          ^
  in text, line 2, column 7:
  y = x[i,i]
        ^
hint: declare both with one letter if they are equal, or use another index than i
""",
    ),
    (
        "the size of no index",
        "y[i] = x[i]/size(q)",
        """\
error IC502: q is no index of this statement or the signature
  in text, line 1, column 18:
  y[i] = x[i]/size(q)
                   ^
hint: name an index that is used here
""",
    ),
    # Limits
    (
        "a deep constant",
        "y[i] = x[i]*" + "(1 + I*" * 190 + "I" + ")" * 190,
        """\
error IC105: constants are nested deeper than 60
  in text, line 1, column 1131:
  …(1 + I*(1 + I*(1 + I*(1 + I*(1 + I*(1 + I*(1 + I*(1 + I*(1 + I*(1 + I*(1 + I…
                      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
hint: make a part an input, or a constant of the signature
""",
    ),
    (
        "very many functions of constants",
        "\n".join(f"y{n} = sin({n}*pi/7)*x" for n in range(501)),
        """\
error IC107: this program has more than 500 functions of constants
  in text, line 501, column 8:
  y500 = sin(500*pi/7)*x
         ^^^^^^^^^^^^^
hint: make some of them inputs, or constants of the signature
""",
    ),
    (
        "a root that SymPy cannot take apart",
        "y = x*100000000008540000000213349000001324554000002393937^(-1/3)",
        """\
error IC107: this constant is too large to be worked out
  in text, line 1, column 7:
  y = x*100000000008540000000213349000001324554000002393937^(-1/3)
        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
hint: make it an input, or a constant of the signature
""",
    ),
    (
        "201 brackets",
        "y = " + "(" * 201 + "x" + ")" * 201,
        """\
error IC105: nested deeper than 200
  in text, line 1, column 205:
  …((((((((((((((((((((x)))))))))))))))))))))))))))))))))))))))))))))))))))))))…
                      ^
hint: give a part a name of its own and use the name
""",
    ),
    (
        "a byte over 64 KB",
        "y = 1 #" + "é" * 32765,
        """\
error IC106: the text has 65,537 bytes, and 65,536 is the most that is read
hint: split it into several derivations
""",
    ),
    (
        "10,001 digits",
        "y = " + "9" * 10_001,
        """\
error IC107: this constant has more than 10,000 digits
  in text, line 1, column 5:
  y = 999999999999999999999999999999999999999999999999999999999999999999999999…
      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
hint: make it an input, or a constant of the signature
""",
    ),
    # The place
    (
        "after a wide character",
        "界[i] = a[i,k]",
        """\
error IC401: k occurs once in its term and is not on the left
  in text, line 1, column 12:
  界[i] = a[i,k]
              ^
hint: to sum over it, write 1[k]* or sum[k](...); to keep it, put k on the left
""",
    ),
    (
        "a wide character itself",
        "y[i] = x[i] + 界[i]*。",
        """\
error IC102: 。 does not belong to the language
  in text, line 1, column 20:
  y[i] = x[i] + 界[i]*。
                      ^^
hint: the language has letters, digits, + - * / ^ ( ) [ ] , ; = += -> and #
""",
    ),
    (
        "after tabs",
        "y[i]\t=\ta[i,k]\t+ 1",
        """\
error IC401: k occurs once in its term and is not on the left
  in text, line 1, column 12:
  y[i] = a[i,k] + 1
             ^
hint: to sum over it, write 1[k]* or sum[k](...); to keep it, put k on the left
""",
    ),
    (
        "inside a long line",
        "y[i] = " + "x[i] + " * 100 + "a[i,k]" + " + x[i]" * 100,
        """\
error IC401: k occurs once in its term and is not on the left
  in text, line 1, column 712:
  … x[i] + x[i] + a[i,k] + x[i] + x[i] + x[i] + x[i] + x[i] + x[i] + x[i] + x[i…
                      ^
hint: to sum over it, write 1[k]* or sum[k](...); to keep it, put k on the left
""",
    ),
    (
        "on the last line of many",
        "# Two lines\n\ny[i] = x[i]\nz[i] = a[i,k]\n",
        """\
error IC401: k occurs once in its term and is not on the left
  in text, line 4, column 12:
  z[i] = a[i,k]
             ^
hint: to sum over it, write 1[k]* or sum[k](...); to keep it, put k on the left
""",
    ),
]

MATVEC = "y[i] = x[i,k]*w[k]"
X = np.ones((2, 3))

# A program, what it is given, and the whole message.
EVALUATED: list[tuple[str, str, dict[str, Any], str]] = [
    (
        "no array",
        MATVEC,
        {"x": X},
        """\
error IC601: w is missing
hint: give an array of shape (K)
""",
    ),
    (
        "no number",
        "y = 2*s",
        {},
        """\
error IC601: s is missing
hint: give a number
""",
    ),
    (
        "no abstract function",
        "y[i] = f(x[i])",
        {"x": X[0]},
        """\
error IC601: f is missing
hint: give a function: f=numpy.tanh
""",
    ),
    (
        "no size",
        "y[i,j] = x[i]",
        {"x": X[0]},
        """\
error IC601: J is missing
hint: give the size that no input fixes: J=3
""",
    ),
    (
        "an unknown keyword",
        MATVEC,
        {"x": X, "w": X[0], "zork": 3},
        """\
error IC602: f takes nothing called zork
hint: it takes x, w
""",
    ),
    (
        "a keyword misspelt",
        "f(x[i], scale) -> y; y[i] = scale*x[i]",
        {"x": X[0], "scale": 2, "scael": 2},
        """\
error IC602: f takes nothing called scael
hint: did you mean scale?
""",
    ),
    (
        "a keyword for a program without any",
        "y = 1",
        {"x": 3},
        """\
error IC602: f takes nothing called x
hint: it takes nothing
""",
    ),
    (
        "another length",
        MATVEC,
        {"x": X, "w": np.ones(4)},
        """\
error IC603: w has length 4 along k, and K is 3
hint: axes with the size K have one length
""",
    ),
    (
        "a trace of a rectangle",
        "y = x[i,i]",
        {"x": X},
        """\
error IC603: x has length 3 along i, and I is 2
hint: axes with the size I have one length
""",
    ),
    (
        "a delta between two lengths",
        "y = delta[i,j]*x[i]*w[j]",
        {"x": np.ones(2), "w": np.ones(3)},
        """\
error IC603: w has length 3 along j, and I is 2
hint: axes with the size I have one length
""",
    ),
    (
        "another number of axes",
        MATVEC,
        {"x": X, "w": X},
        """\
error IC603: w has 1 axes, and an array with 2 was given
hint: its shape is (K)
""",
    ),
    (
        "a word",
        "y[i] = x[i]",
        {"x": "three"},
        """\
error IC604: x is not an array of real numbers
hint: give floats
""",
    ),
    (
        "complex numbers",
        "y[i] = x[i]",
        {"x": 1j * X[0]},
        """\
error IC604: x is not an array of real numbers
hint: give floats
""",
    ),
    (
        "a ragged list",
        "y[i] = x[i]",
        {"x": [[1], [2, 3]]},
        """\
error IC604: x is not an array of real numbers
hint: give floats
""",
    ),
    (
        "a size that is no whole number",
        "y[i,j] = x[i]",
        {"x": X[0], "J": 2.5},
        """\
error IC604: the size J is a whole number, not 2.5
hint: give an int
""",
    ),
    (
        "a negative size",
        "y[i,j] = x[i]",
        {"x": X[0], "J": -1},
        """\
error IC604: the size J is a whole number, not -1
hint: give an int
""",
    ),
    (
        "a number for a function",
        "y[i] = f(x[i])",
        {"x": X[0], "f": 3},
        """\
error IC604: f is not a function
hint: give one: f=numpy.tanh
""",
    ),
]

# What is too much for an array, and the whole message.
EVALUATED += [
    (
        "a sum over 70 indices at once",
        f"y = {'*'.join(f'x[i{n}]*x[i{n}]' for n in range(70))}",
        {"x": X[0][:1]},
        """\
error IC106: a value has 70 axes on the way, and 64 is the most of an array
hint: give a part of the product a name of its own, so that it is summed first
""",
    ),
    (
        "a product with too many entries",
        f"y = {'*'.join(f'x[i{n}]*x[i{n}]' for n in range(60))}",
        {"x": [1.0] * 3},
        """\
error IC106: a value has 4.2e+28 entries on the way, and 5e+08 is the most
hint: give smaller arrays or sizes, or name a part of a product that is summed first
""",
    ),
    (
        "a one-tensor with too many entries",
        "y[i,j] = x[i]",
        {"x": X[0], "J": 10**12},
        """\
error IC106: a value has 1.0e+12 entries on the way, and 5e+08 is the most
hint: give smaller arrays or sizes, or name a part of a product that is summed first
""",
    ),
    (
        "a delta with too many entries",
        "y[i,j] = x*delta[i,j]",
        {"x": 1.0, "I": 10**6},
        """\
error IC106: a value has 1.0e+12 entries on the way, and 5e+08 is the most
hint: give smaller arrays or sizes, or name a part of a product that is summed first
""",
    ),
    (
        "one-tensors beyond any float",
        "y[a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r] = x",
        {"x": 1.0, **dict.fromkeys("ABCDEFGHIJKLMNOPQR", 2**63 - 1)},
        """\
error IC106: a value has 2.3e+341 entries on the way, and 5e+08 is the most
hint: give smaller arrays or sizes, or name a part of a product that is summed first
""",
    ),
    (
        "a size beyond the longest axis",
        "y[i,j] = x[i]",
        {"x": X[0], "J": 10**400},
        """\
error IC106: the size J is more than 9,223,372,036,854,775,807, the length of the longest axis
hint: give a smaller size
""",
    ),
    (
        "a long negative size",
        "y[i,j] = x[i]",
        {"x": X[0], "J": -(10**5000)},
        f"""\
error IC604: the size J is a whole number, not -1{"0" * 5000}
hint: give an int
""",
    ),
    (
        "no memory",
        "y[i] = f(x[i])",
        {"x": X[0], "f": _exhausted},
        """\
error IC106: there is not enough memory for these arrays
hint: give smaller ones
""",
    ),
    (
        "a constant that is no float",
        "f(x, a=10^400) -> y\ny = a*x",
        {"x": 1.0},
        """\
error IC107: the constant a is too large for arithmetic in floats
hint: give another value: a=1.0
""",
    ),
    (
        "an infinite constant",
        "f(x, a=1) -> y\ny = a*x",
        {"x": 1.0, "a": np.inf},
        """\
error IC604: a is a constant, and inf was given
hint: give a finite number
""",
    ),
]

# What is done with a tree, and the whole message.
WITHOUT_TEXT: list[tuple[str, Callable[[], object], str]] = [
    (
        "the derivative of a maximum",
        lambda: D(Reduce("max", Access("x", K), K), Access("x", Index("q", K.size))),
        """\
error IC701: the derivative of max is not available yet
hint: write the function without it, or differentiate the rest
""",
    ),
    (
        "the derivative of a product inside",
        lambda: D(Reduce("prod", Access("x", K), K), Access("x", Index("q", K.size))),
        """\
error IC701: the derivative of prod is not available yet
hint: write the function without it, or differentiate the rest
""",
    ),
    (
        "a maximum in SymPy",
        lambda: to_sympy(Reduce("max", Access("x", K), K)),
        """\
error IC801: SymPy has no max over an index
hint: translate the parts, or write the elements out in sympy.Max
""",
    ),
]

# The command's arguments, run beside the files that `_files` makes, and the whole message.
COMMANDS: list[tuple[str, list[str], str]] = [
    (
        "bytes that are not UTF-8",
        ["bad.idx"],
        """\
error IC108: byte 16 is not UTF-8
  in bad.idx, line 2, column 5:
  z = \N{REPLACEMENT CHARACTER}
      ^
hint: save the text as UTF-8
""",
    ),
    (
        "an argument that is not UTF-8",
        ["y = \udcff"],
        """\
error IC108: the text is not UTF-8 here
  in text, line 1, column 5:
  y = \N{REPLACEMENT CHARACTER}
      ^
hint: give the text as UTF-8
""",
    ),
    (
        "standard input that is not UTF-8",
        ["-"],
        """\
error IC108: byte 4 is not UTF-8
  in standard input, line 1, column 5:
  y = \N{REPLACEMENT CHARACTER}
      ^
hint: save the text as UTF-8
""",
    ),
    (
        "a missing file",
        ["missing.idx"],
        """\
error IC201: there is no file missing.idx
hint: check the path; text has a =
""",
    ),
    (
        "a file in a missing folder",
        ["missing/file"],
        """\
error IC201: there is no file missing/file
hint: check the path; text has a =
""",
    ),
    (
        "a directory",
        ["folder/"],
        """\
error IC202: folder is a directory
hint: name a file in it, such as folder/layernorm.idx
""",
    ),
    (
        "a derivation misspelt",
        ["layernrom"],
        """\
error IC203: there is no derivation layernrom in the catalogue
hint: did you mean layernorm?
""",
    ),
    (
        "an unknown derivation",
        ["zork"],
        """\
error IC203: there is no derivation zork in the catalogue
hint: run derive to see the names; text has a =, a file ends in .idx
""",
    ),
    (
        "a file that may not be read",
        ["shut.idx"],
        """\
error IC204: shut.idx cannot be read: permission denied
hint: check its permissions
""",
    ),
    (
        "an option misspelt",
        ["--raed", "y = 1"],
        """\
error IC205: derive has no option --raed
hint: did you mean --read?
""",
    ),
    (
        "an unknown option",
        ["-x", "y = 1"],
        """\
error IC205: derive has no option -x
hint: it has --read, --help, --version
""",
    ),
    (
        "two programs",
        ["y = 1", "z = 2"],
        """\
error IC205: derive takes one program, and 2 are given
hint: quote a text
""",
    ),
    (
        "a file with an error in it",
        ["wrong.idx"],
        """\
error IC401: k occurs once in its term and is not on the left
  in wrong.idx, line 2, column 12:
  y[i] = a[i,k]
             ^
hint: to sum over it, write 1[k]* or sum[k](...); to keep it, put k on the left
""",
    ),
    (
        "a file that is too large",
        ["large.idx"],
        """\
error IC106: large.idx has more than the 65,536 bytes that are read
hint: split it into several derivations
""",
    ),
    (
        "a file without an end",
        ["/dev/zero"],
        """\
error IC106: /dev/zero has more than the 65,536 bytes that are read
hint: split it into several derivations
""",
    ),
    (
        "a link to itself",
        ["loop.idx"],
        """\
error IC204: loop.idx cannot be read: too many levels of symbolic links
hint: name the file itself, not a link that leads back to itself
""",
    ),
    (
        "a path that is too long",
        ["x" * 5000 + "/y.idx"],
        f"""\
error IC204: {"x" * 28}…{"x" * 22}/y.idx cannot be read: file name too long
hint: give a shorter path; text has a =
""",
    ),
    (
        "a disk that fails",
        ["broken.idx"],
        """\
error IC204: broken.idx cannot be read: input/output error
hint: copy the text to another file and read that
""",
    ),
    (
        "a path that no file can have",
        ["a\0.idx"],
        """\
error IC201: there is no file a\N{REPLACEMENT CHARACTER}.idx
hint: check the path; text has a =
""",
    ),
    (
        "an empty argument",
        [""],
        """\
error IC101: there is nothing to read
hint: write a statement: y[i] = x[i,k]*w[k]
""",
    ),
]

CLOSED = """\
error IC206: the output cannot be written: it is closed
hint: send it to another place
"""


def named(cases: Iterable[tuple[Any, ...]]) -> list[Any]:
    """The cases for pytest, under their first entries."""
    return [pytest.param(*case[1:], id=case[0]) for case in cases]


def refusal(text: str) -> IndexcalcError:
    with pytest.raises(IndexcalcError) as caught:
        read(text)
    return caught.value


# The whole text


@pytest.mark.parametrize(("text", "expected"), named(CASES))
def test_a_text_is_refused_with(text: str, expected: str) -> None:
    assert f"{refusal(text)}\n" == expected


@pytest.mark.parametrize(("text", "values", "expected"), named(EVALUATED))
def test_an_evaluation_is_refused_with(text: str, values: dict[str, Any], expected: str) -> None:
    with pytest.raises(IndexcalcError) as caught:
        indexcalc.evaluate(text, **values)
    assert f"{caught.value}\n" == expected


@pytest.mark.parametrize(("act", "expected"), named(WITHOUT_TEXT))
def test_a_tree_is_refused_with(act: Callable[[], object], expected: str) -> None:
    with pytest.raises(IndexcalcError) as caught:
        act()
    assert f"{caught.value}\n" == expected


@pytest.mark.parametrize(("arguments", "expected"), named(COMMANDS))
def test_the_command_prints_to_standard_error(
    arguments: list[str],
    expected: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    _files(tmp_path, monkeypatch)
    assert main(arguments) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err == expected


def test_output_that_nothing_takes_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdout", None)
    assert main(["layernorm"]) == 2
    assert capsys.readouterr().err == CLOSED


def _files(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    Path("bad.idx").write_bytes(b"y[i] = x[i]\nz = \xff\n")
    Path("wrong.idx").write_text("# A row\ny[i] = a[i,k]\n", encoding="utf-8")
    Path("large.idx").write_text("#" * 65_537, encoding="utf-8")
    Path("shut.idx").write_text("y = 1\n", encoding="utf-8")
    Path("folder").mkdir()
    Path("loop.idx").symlink_to("loop.idx")
    opened = Path.open

    def guarded(path: Path, *mode: Any, **more: Any) -> Any:
        # A superuser may read any file, so permissions alone would not do.
        if path.name == "shut.idx":
            raise PermissionError(13, "Permission denied", str(path))
        if path.name == "broken.idx":
            raise OSError(5, "Input/output error", str(path))
        return opened(path, *mode, **more)

    monkeypatch.setattr(Path, "open", guarded)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"y = \xff\n")))


def test_every_code_has_a_test_of_its_whole_text() -> None:
    texts = [case[-1] for table in (CASES, EVALUATED, WITHOUT_TEXT, COMMANDS) for case in table]
    texts.append(CLOSED)
    tested = {re.match(r"error (IC\d{3}): ", text) for text in texts}
    assert {match[1] for match in tested if match} == set(CODES)


@pytest.mark.parametrize(("text", "expected"), named(CASES))
def test_an_error_is_a_code_one_sentence_the_place_and_a_hint(text: str, expected: str) -> None:
    error = refusal(text)
    assert error.code in CODES
    assert "\n" not in error.message
    assert not error.message.endswith(".")
    assert "\n" not in error.hint
    for span in error.spans:
        assert 0 <= span.start <= span.stop <= len(text) + 1


# One class


def test_there_is_one_class_of_errors() -> None:
    modules = [
        importlib.import_module(module.name)
        for module in pkgutil.walk_packages(indexcalc.__path__, "indexcalc.")
    ]
    classes = {
        kind
        for module in modules
        for _, kind in inspect.getmembers(module, inspect.isclass)
        if issubclass(kind, Exception) and kind.__module__.startswith("indexcalc")
    }
    assert classes == {IndexcalcError}


@pytest.mark.parametrize(("text", "expected"), named(CASES))
def test_pickling_and_copying_keep_the_text(text: str, expected: str) -> None:
    error = refusal(text)
    assert f"{pickle.loads(pickle.dumps(error))}\n" == expected
    assert f"{copy.deepcopy(error)}\n" == expected


def test_the_same_text_is_refused_alike() -> None:
    for _, text, _ in CASES:
        assert str(refusal(text)) == str(refusal(text))


# The place


@pytest.mark.parametrize("before", [0, 9, 10, 11, 400])
@pytest.mark.parametrize("after", [0, 1, 10, 400])
@pytest.mark.parametrize("name", ["x", "界", "γ", "x\t"], ids=["ascii", "wide", "greek", "tab"])
def test_the_caret_is_under_the_index_and_lines_are_cut(name: str, before: int, after: int) -> None:
    text = "y[i] = " + f"{name}[i] + " * before + "a[i,q]" + f" + {name}[i]" * after
    _, _, line, carets, _ = str(refusal(text)).split("\n")
    assert columns(line) <= WIDTH
    assert columns(carets) <= WIDTH
    assert under(line, carets) == "q"


def test_a_caret_is_as_wide_as_what_it_is_under() -> None:
    _, _, line, carets, _ = str(refusal("y[i] = x[i] + 界面(x[i])")).split("\n")
    assert carets.count("^") == 4
    assert under(line, carets) == "界面"


def test_both_places_of_a_conflict_are_shown() -> None:
    text = "f(x[b,h], w[h]) -> y\n\ny[b,h] = x[b,h]*w[b]"
    shown = str(refusal(text)).split("\n")
    assert [line for line in shown if line.startswith("  in ")] == [
        "  in text, line 3, column 19:",
        "  in text, line 3, column 3:",
    ]


CONTROLS = [*map(chr, range(9)), *map(chr, range(11, 32)), "\x7f", "\x9b", "\u200b", "\u202e"]


@pytest.mark.parametrize("control", CONTROLS, ids=lambda c: f"U+{ord(c):04X}")
@pytest.mark.parametrize(
    "text",
    ["y[i] = x[i] {}[31m", "y[i] = a[i,k] # {}[31m", "y[i] = a[i,k]; z = {}", "{}y = 1"],
    ids=["code", "comment", "later", "first"],
)
def test_control_characters_never_reach_the_terminal(text: str, control: str) -> None:
    assert raw_controls(str(refusal(text.format(control)))) == set()


@pytest.mark.parametrize(
    "argument",
    ["# \x1b[31m\ny = 1", "lay\x1b[31mer", "--\x1b[31m", "\x1b[31m.idx", "y = \x1b[31m"],
    ids=["description", "name", "option", "file", "text"],
)
def test_nothing_the_command_prints_has_control_characters(
    argument: str, capsys: pytest.CaptureFixture[str]
) -> None:
    main([argument])
    shown = capsys.readouterr()
    assert raw_controls(shown.out + shown.err) == set()


def raw_controls(text: str) -> set[str]:
    return {c for c in text if unicodedata.category(c)[0] == "C"} - {"\n"}


def columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def under(line: str, carets: str) -> str:
    """What stands above the carets."""
    first, last = carets.index("^"), columns(carets)
    return "".join(c for place, c in enumerate(line) if first <= columns(line[:place]) < last)


# In time


def several(parts: Iterable[str], joint: str = "+", before: str = "y = ") -> str:
    """As many parts as 64 KB hold."""
    room = 64 * 1024 - len(before.encode())
    taken = []
    for part in parts:
        room -= len((part + joint).encode())
        if room < 0:
            break
        taken.append(part)
    return before + joint.join(taken)


def nested(opening: str, inside: str, before: str = "y = ", depth: int = 200) -> str:
    return before + opening * depth + inside + ")" * (opening.count("(") * depth)


def counted(pattern: str, count: int, joint: str = "+") -> str:
    """The pattern with 1, 2, ... in it."""
    return joint.join(pattern.format(n) for n in range(1, count + 1))


WITH_EPS = "f(x, eps=0.1) -> y\ny = "
PAIRS = counted("a[i{0}]*b[i{0}]", 2000, "*")
FORMS = {
    "numbers": "{}",
    "fractions": "1/{}",
    "decimals": "0.{}",
    "powers of eps": "eps^{}",
    "powers of eps + 1": "(1+eps)^{}",
    "1 + powers of eps": "(1+eps^{})",
    "powers of pi": "pi^{}",
    "roots": "sqrt({})",
    "roots of roots": "sqrt(1+sqrt({}))",
    "rational powers": "{0}^(1/({0}+1))",
    **{
        f"{name}s": f"{name}({{}})"
        for name in ("exp", "log", "sin", "tan", "atan", "tanh", "sigmoid", "softplus", "erf")
    },
    "asins": "asin(1/{})",
    "relus of eps": "relu({}-eps)",
    "abs of eps": "abs({}-eps)",
    "signs of pi": "sign({}-pi)",
}
SLOWEST = {
    **{
        f"5,000 {name}, {what}": several(
            (form.format(n) for n in range(1, 5001)), joint, WITH_EPS
        )
        for name, form in FORMS.items()
        for what, joint in (("added", "+"), ("multiplied", "*"))
    },
    "10,000 terms": several(["x[i]"] * 10_000, before="y[i] = "),
    "10,000 numbers divided": several(map(str, range(1, 10_001)), "/"),
    "30,000 numbers subtracted": several(["1"] * 30_000, "-"),
    "a product of one letter": several(["x[k]"] * 13_000, "*"),
    "a product of 3,500 letters": "y = " + counted("a[i{0}]*b[i{0}]", 3500, "*"),
    "3,000 names": "y = " + counted("x{}", 3000),
    "3,000 statements": counted("y{}[i] = x[i]", 3000, "\n"),
    "2,900 statements in a chain": "y0[i] = x[i]\n"
    + "\n".join(f"y{n}[i] = y{n - 1}[i]" for n in range(1, 2900)),
    "2,800 sizes of one letter": counted("y{0}[i] = x{0}[i]", 2800, "\n"),
    "2,500 capitals of one letter": counted("y{0}[i] = x{0}[i]/I", 2500, "\n"),
    "2,000 capitals of one letter, summed": counted("y{0} = 1[i]*x{0}[i]/I", 2000, "\n"),
    "3,000 binders": "y = " + counted("mean[k](x{}[k])", 3000),
    "3,000 binders of a free letter": several(["sum[k](a[k])"] * 3000, before="y[k] = "),
    "4,500 terms added later": several(["y[i] += x[i]"] * 4500, "\n", ""),
    "3,000 terms to broadcast": f"y[{counted('i{}', 3000, ',')}] = {counted('x[i{}]', 3000)}",
    "1,500 terms to broadcast inside": "y = "
    + counted("1[i{}]", 1500, "*")
    + f"*({counted('x{0}[i{0}]', 1500)})^2",
    "many scalars to broadcast": f"y[{counted('i{}', 1500, ',')}] = {'x+' * 25_000}x",
    "a tensor of 4,500 axes": f"y[{counted('i{}', 4500, ',')}] = x[{counted('i{}', 4500, ',')}]",
    "many brackets": "y = " + "(" * 60_000,
    "many signs": "y = " + "-" * 60_000 + "x",
    "many newlines in a bracket": "y = (" + "\n" * 65_000 + "1)",
    "many ends": ";" * 65_000,
    "a far stray character": "y = x" + " " * 65_000 + "?",
    "a long name misspelt": f"f({'ab' * 15_000}) -> y\ny = {'ba' * 15_000}b",
    "a name among thousands misspelt": f"f({counted('abc{}', 4000, ',')}) -> y\ny = acb",
    "a number of 9,999 digits": "y = sqrt(" + "1234567891" * 999 + ")",
    "the square of a root 10^9 times": "y = sqrt(2)^(10^9)",
    "a tower of exp": "y = relu(exp(exp(exp(exp(5)))) - exp(exp(exp(4))))",
    "the size of a tower": "y = abs(sin(exp(exp(exp(5)))))",
    "a hidden zero": "y = sign(sin(1)^2 + cos(1)^2 - 1)",
    "a tower of powers": "y = " + "9^" * 100 + "9",
    "functions of constants in all statements": "f(x[k]) -> y1\n"
    + counted("y{0} = exp(K/{0})*x[k]*x[k]", 2000, "\n"),
    "3,600 short statements of one letter": counted("a{0}[i]=b{0}[i]", 3600, "\n"),
    "190 parentheses around many letters": "y = "
    + nested("(c*", counted("a[i{0}]*b[i{0}]", 3700, "*"), "", 190),
    "190 sums around many letters": "y = " + "sum[p](c[p]*" * 190 + PAIRS + ")" * 190,
    "200 brackets": nested("(", "x"),
    "200 signs": "y = " + "-" * 200 + "x",
    "200 powers": "y = " + "x^" * 200 + "x",
    "200 binders": nested("sum[k](a[k]*", "x"),
    "200 products": nested("(a[k]*", "b[k]"),
    "200 sums": "y = " + counted("(a[k{0}]*b[k{0}]+", 200, "") + "1" + ")" * 200,
    "199 functions of many letters": nested("tanh(", PAIRS, depth=199),
    "199 sums with many letters": nested("(1+", PAIRS, depth=199),
    "199 functions to broadcast": nested(
        "tanh(1+", counted("x[i{}]", 2500), f"y[{counted('i{}', 3000, ',')}] = ", depth=199
    ),
    **{
        f"{depth} of {opening} around {inside}": nested(opening, inside, WITH_EPS, depth)
        for opening, depth in (
            ("tanh(", 200), ("exp(", 200), ("log(1+", 200), ("sqrt(2+", 200), ("1/(1+", 200),
            ("atan(1+", 200), ("sigmoid(", 200), ("sigmoid(-", 99), ("softplus(", 200),
            ("relu(1-", 199), ("abs(1-", 199), ("eps^(", 199), ("sin(asin(", 99),
        )
        for inside in ("x", "eps", "pi", "1")
    },
}  # fmt: skip
LIMIT = 2.0


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in SLOWEST.items()])
def test_a_text_is_read_or_refused_in_time(text: str) -> None:
    assert len(text.encode()) <= 64 * 1024
    best = 2 * LIMIT
    for _ in range(2):  # again when something else may have kept the machine busy
        with at_most(3 * LIMIT):
            best = min(best, seconds(text))
        if best <= LIMIT:
            break
    assert best <= LIMIT


@pytest.mark.parametrize(
    "name",
    [
        "a product of 3,500 letters",
        "3,600 short statements of one letter",
        "2,500 capitals of one letter",
        "199 functions of many letters",
        "190 parentheses around many letters",
        "200 binders",
    ],
)
def test_what_is_read_is_spelled_out_in_time(name: str) -> None:
    program = read(SLOWEST[name])
    began = time.process_time()
    with at_most(6 * LIMIT):
        assert echo(program)
        assert source(program)
    assert time.process_time() - began <= 2 * LIMIT


def seconds(text: str) -> float:
    clear_cache()
    began = time.process_time()
    with suppress(IndexcalcError):
        read(text)
    return time.process_time() - began


@contextmanager
def at_most(limit: float) -> Iterator[None]:
    """Stop what would never end."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise TimeoutError(f"still busy after {limit} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, limit)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
