"""Processes of their own, told how many threads they have and from where their arrays come."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

from tests.benchmarks.comparison.workloads import Workload

ROOT = Path(__file__).resolve().parents[3]
DEFAULT = "default"
KEPT = "pages kept"
# Nothing is given back to the system, and nothing comes from it twice.
_KEPT_PAGES = {
    "MALLOC_MMAP_THRESHOLD_": str(1 << 40),
    "MALLOC_TRIM_THRESHOLD_": str(1 << 40),
    "MALLOC_TOP_PAD_": str(64 << 20),
}


class Failed(Exception):  # noqa: N818
    """Our gradients are wrong, or a process ended."""


def environment(threads: int, allocator: str) -> dict[str, str]:
    """Threads and allocator, as each library wants to be told.

    XLA's own flags leave its pool of threads as it is; NPROC sets it.
    """
    names = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NPROC")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MALLOC_")}
    return {
        **kept,
        **dict.fromkeys(names, str(threads)),
        "XLA_FLAGS": f"--xla_cpu_multi_thread_eigen={str(threads > 1).lower()}",
        "TORCHINDUCTOR_COMPILE_THREADS": "1",
        "JAX_PLATFORMS": "cpu",
        "PYTHONPATH": str(ROOT),
        **(_KEPT_PAGES if allocator == KEPT else {}),
    }


def printed(module: str, *arguments: str) -> str:
    """What a module beside this one prints, run with one thread and the usual allocator."""
    done = subprocess.run(
        [sys.executable, "-m", f"{__package__}.{module}", *arguments],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=environment(1, DEFAULT),
    )
    if done.returncode:
        raise Failed(done.stderr.strip())
    return done.stdout


class Process:
    """A worker; what it says besides its answers is kept for when it fails."""

    def __init__(self, threads: int, allocator: str) -> None:
        self._threads = threads
        self._complaints: IO[str] = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115
        self._process = subprocess.Popen(
            [sys.executable, "-m", f"{__package__}.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._complaints,
            text=True,
            cwd=ROOT,
            env=environment(threads, allocator),
        )

    def prepare(
        self, workload: Workload, dtype: str, contenders: Sequence[str], reference: Path | None
    ) -> None:
        """Answered, once contenders are checked, by those not available, with reasons."""
        self.tell(
            workload=workload.name,
            sizes=dict(workload.sizes),
            dtype=dtype,
            contenders=contenders,
            threads=self._threads,
            reference=str(reference) if reference is not None else None,
        )

    def __enter__(self) -> Process:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()
        self._complaints.close()

    def tell(self, **job: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(job) + "\n")
        self._process.stdin.flush()

    def answer(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if line:
            return json.loads(line)
        self._process.wait()
        self._complaints.seek(0)
        raise Failed(self._complaints.read().strip() or "a process ended without a word")
