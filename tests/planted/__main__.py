"""`python -m tests.planted [WORD ...]` reviews every right kernel and every planted mistake, and
prints what is said of each; with words, those whose kernel or kind is called by one of them.
"""

from __future__ import annotations

import sys
import warnings

from tests.planted.reviews import review, said, verdicts
from tests.planted.table import KERNELS, PLANTED


def main(words: list[str]) -> int:
    warnings.simplefilter("ignore")
    bugs = tuple(
        bug
        for bug in PLANTED
        if not words or any(word in (bug.kernel.name, bug.kind.name.lower()) for word in words)
    )
    kernels = [kernel for kernel in KERNELS if any(bug.kernel is kernel for bug in bugs)]
    accused = [kernel.name for kernel in kernels if not review(kernel)]
    detected = named = 0
    slowest = 0.0
    for verdict in verdicts(bugs):
        detected += verdict.detected
        named += verdict.named
        slowest = max(slowest, verdict.seconds)
        mark = "named" if verdict.named else "not named" if verdict.detected else "NOT DETECTED"
        bug = verdict.bug
        print(f"{bug.kernel.name}, {bug.kind.value}: {mark}, {verdict.seconds:.1f} s")
        for line in said(verdict.found).split("\n"):
            print(f"    {line}")
    print(f"{len(kernels)} right kernels, {len(accused)} accused: {', '.join(accused) or 'none'}")
    print(f"{len(bugs)} mistakes, {detected} detected, {named} named; slowest {slowest:.1f} s")
    return int(bool(accused) or detected < len(bugs) or named < 0.9 * len(bugs))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
