"""What the figures depend on: the machine, and the versions of everything that was timed."""

from __future__ import annotations

import os
import platform
import re
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

_CPU = Path("/proc/cpuinfo")
_MEMORY = Path("/proc/meminfo")


def facts() -> list[tuple[str, str]]:
    """A name and a value each, in the order of the page."""
    configuration: Any = np.show_config(mode="dicts")
    blas = configuration["Build Dependencies"]["blas"]
    return [
        ("date", datetime.now(UTC).date().isoformat()),
        ("machine", f"{platform.system()} {platform.machine()}, {_gibibytes()} GiB"),
        ("CPU", f"{_model()}, {os.cpu_count()} cores"),
        ("Python", platform.python_version()),
        ("C library", " ".join(platform.libc_ver())),
        ("NumPy", np.__version__),
        ("BLAS", f"{blas['name']} {blas['version']}"),
        *((name, _version(name)) for name in ("torch", "jax", "opt_einsum")),
    ]


def busy() -> str:
    """How many processes wanted to run, the mean of the last minute."""
    return f"{os.getloadavg()[0]:.1f}"


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def _model() -> str:
    found = re.search(r"^model name\s*: (.+)$", _CPU.read_text(encoding="utf-8"), re.MULTILINE)
    return found[1] if found else platform.processor()


def _gibibytes() -> int:
    found = re.search(r"^MemTotal:\s*(\d+) kB$", _MEMORY.read_text("utf-8"), re.MULTILINE)
    assert found is not None
    return round(int(found[1]) / 2**20)
