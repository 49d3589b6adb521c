"""Right at heart, and wrong beside it: in what an earlier call left, in layouts, in precision."""

from __future__ import annotations

import numpy as np

from indexcalc.against.causes import Cause, Diagnosis, Evidence
from indexcalc.against.comparing import Answer
from indexcalc.against.kinds import COARSER, ROUNDOFF


def accumulates(evidence: Evidence) -> bool:
    """Whether the same call is right once, and wrong the next time."""
    again = [answer for answer in evidence.every if answer.case.again]
    return evidence.plain[0].agrees and any(not answer.agrees for answer in again)


def besides(evidence: Evidence) -> Diagnosis | None:
    """Where the formula is right."""
    wrong = [answer for answer in evidence.every if not answer.agrees]
    if not wrong or any(answer.theirs is None for answer in wrong):
        return None
    answer = max(wrong, key=_telling)
    kind, words = _told(answer)
    cause = Cause(kind, words, lambda scene: {})
    unit = max(float(abs(answer.right).max(initial=0.0)), 1e-300)
    return Diagnosis(evidence.name, cause, answer.error / unit, 0.0)


def _telling(answer: Answer) -> tuple[bool, bool, bool, bool]:
    """How much says what is wrong: what layouts spoil is right in the usual one, and what is stored
    transposed is not contiguous either."""
    case = answer.case
    usual, strided = case.layout == "contiguous", case.layout == "strided"
    return case.again, usual, strided, case.dtype != "float64"


def _told(answer: Answer) -> tuple[str, str]:
    case = answer.case
    if case.again:
        return (
            "accumulated",
            "is right at the first call and wrong at the second: it is added to what is there, "
            "accumulated into instead of written",
        )
    if case.layout != "contiguous":
        how = "stored transposed" if case.layout == "transposed" else "not contiguous"
        return "layout", f"is wrong where the upstream gradient is {how}"
    times = answer.times
    off = f"off by {times:.2g} times what rounding allows" if np.isfinite(times) else "nan or ∞"
    words = f"has the right formula, and in {case.dtype} is {off}"
    if case.offset:
        words += (
            f" where inputs are around {case.offset:g}: something is the small difference of large "
            "numbers, such as a variance E[x²] - E[x]²"
        )
        words += "" if np.isfinite(times) else ", or exponentials of what is not shifted"
    else:
        own = ROUNDOFF[case.dtype]
        coarser = [name for name in COARSER if ROUNDOFF[name] > own]
        near = min(coarser, key=lambda name: abs(times * own / ROUNDOFF[name] - 1), default="")
        words += f": a part is computed in less, such as {near}" if near else ""
    return "precision", words
