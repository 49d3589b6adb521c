"""The plan itself, as a table: what every other target of arrays spells."""

from __future__ import annotations

from indexcalc.codegen.job import Job


def emit(job: Job) -> str:
    return str(job.plan).rstrip("\n")
