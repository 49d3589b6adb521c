"""How long it takes from a name to the text of a module, after imports."""

from __future__ import annotations

import json
import multiprocessing
import time

import indexcalc as ic
from indexcalc import catalogue
from tests.benchmarks.comparison.processes import printed


def times() -> dict[str, float]:
    """Seconds for each derivation of the catalogue."""
    return dict(json.loads(printed("emission")))


def emission(name: str) -> float:
    start = time.perf_counter()
    derivation = ic.derive(name)
    derivation.emit("numpy")
    return time.perf_counter() - start


def main() -> None:
    """Every name in a process that has imported everything and remembers nothing."""
    emission(catalogue.names()[0])
    with multiprocessing.get_context("fork").Pool(1, maxtasksperchild=1) as pool:
        found = pool.map(emission, catalogue.names(), chunksize=1)
    print(json.dumps(dict(zip(catalogue.names(), found, strict=True))))


if __name__ == "__main__":
    main()
