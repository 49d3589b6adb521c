"""Other programs: a fresh interpreter, and the linter that comes with the extra `dev`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Seconds, after which something never ends.
LIMIT = 300


def python(
    *arguments: str,
    data: str = "",
    folder: Path = ROOT,
    path: Path | None = ROOT,
    hash_seed: str = "random",
) -> subprocess.CompletedProcess[str]:
    """A fresh interpreter in a folder, with modules found in `path` first."""
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8", "PYTHONHASHSEED": hash_seed}
    environment.pop("PYTHONPATH", None)
    if path is not None:
        environment["PYTHONPATH"] = str(path)
    return subprocess.run(
        [sys.executable, *arguments],
        input=data,
        cwd=folder,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=LIMIT,
    )


def printed(*arguments: str, data: str = "", hash_seed: str = "random") -> str:
    """What a fresh interpreter prints, where nothing goes wrong."""
    done = python(*arguments, data=data, hash_seed=hash_seed)
    assert done.returncode == 0, done.stderr
    return done.stdout


def ruff(*arguments: str) -> subprocess.CompletedProcess[str]:
    found = shutil.which("ruff", path=str(Path(sys.executable).parent)) or shutil.which("ruff")
    assert found is not None, "ruff comes with the extra dev"
    return subprocess.run(
        [found, *arguments, "--no-cache"],
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=LIMIT,
    )
