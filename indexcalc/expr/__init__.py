"""The expression tree and everything that is true of it whatever the language or the calculus."""

from indexcalc.expr import functions as functions  # tells Apply which names have a record
from indexcalc.expr import printing as printing  # gives the nodes their spelling
