"""Right at heart, and wrong beside it: in what an earlier call left, in layouts, in precision."""

from __future__ import annotations

import numpy as np

from indexcalc.against.causes import Cause, Evidence
from indexcalc.against.comparing import Answer, distance
from indexcalc.against.computing import peak
from indexcalc.against.kinds import COARSER, ROUNDOFF


def remembers(evidence: Evidence) -> bool:
    """Whether the same call is right once, and wrong the next time; or adds to what it gave."""
    again = [answer for answer in evidence.every if answer.case.again and not answer.agrees]
    return any(evidence.plain[0].agrees or _accumulates(evidence, one) for one in again)


def _accumulates(evidence: Evidence, again: Answer) -> bool:
    """Whether a call gives the right gradient more than the same call before it, which may have
    found something there already."""
    before, after = evidence.plain[0].theirs, again.theirs
    if before is None or after is None or not before.shape == after.shape == again.right.shape:
        return False
    rounding = again.allowed * max(1.0, peak(after) / (peak(again.right) or 1.0))
    return distance(after - before, again.right) <= rounding


def besides(evidence: Evidence) -> Cause | None:
    """Where the formula is right."""
    wrong = [answer for answer in evidence.every if not answer.agrees]
    if not wrong or any(answer.theirs is None for answer in wrong):
        return None
    answer = max(wrong, key=_telling)
    kind, words = _told(evidence, answer)
    return Cause(kind, words, lambda scene: {})


def _telling(answer: Answer) -> tuple[bool, bool, bool, bool]:
    """How much says what is wrong: what layouts spoil is right in the usual one, and what is stored
    transposed is not contiguous either."""
    case = answer.case
    usual, strided = case.layout == "contiguous", case.layout == "strided"
    return case.again, usual, strided, case.dtype != "float64"


def _told(evidence: Evidence, answer: Answer) -> tuple[str, str]:
    case = answer.case
    if case.again:
        words = "is right at the first call and wrong at the second"
        if not _accumulates(evidence, answer):
            return "left", f"{words}: something is left of the first"
        words = words if evidence.plain[0].agrees else "is the right one more at each call"
        why = "it is added to what is there, accumulated into instead of written"
        return "accumulated", f"{words}: {why}"
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
