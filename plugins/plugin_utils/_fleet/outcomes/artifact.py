# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The result of a run in less than 4 KiB, which a playbook publishes for the next job of a workflow.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. AWX passes the artifacts of a job to the following jobs as extra variables, and merges those of several jobs by their top-level names.
The slices of a job have different job IDs, so a name that contains the job ID is never replaced by that of another slice.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

OUTCOMES: Mapping[str, str] = {
    "ok": "everything was done, or read",
    "nothing_to_do": "no machine was selected, or no machine needed a change",
    "planned": "check mode: a run would change something",
    "incomplete": "the run succeeded, but machines are left, for example those that were off",
    "failed": "machines made the run fail",
    "stopped": "the run ended before its report",
}
"""Outcomes of a run. A run with one of the last two fails."""

MOST_BYTES = 4095
"""Maximum size of the artifact with its name, as JSON in ASCII, which is how ansible-runner writes it."""

MOST_NAMES = 50
"""Number of machines that are named; the numbers of all machines are in the counts."""

_MOST_SUMMARY = 700
_MOST_PATH = 700
"""Maximum sizes of the summary and of a path in bytes of JSON. A longer path is left out, because a part of it would name another file."""


@dataclass(frozen=True)
class RunOutcome:
    """What became of a run.

    `failed` are machines on which it did not succeed. `file_host` is the machine with the report file, None for the controller.
    """

    playbook: str
    outcome: str
    counts: Mapping[str, int]
    failed: Sequence[str] = ()
    summary: str = ""
    report_file: str | None = None
    file_host: str | None = None


def key_of(playbook: str, job_id: str = "") -> str:
    """Return the name of the artifact of a playbook. `job_id` is the number of the job in AWX, and empty outside of it."""
    return f"{playbook}_outcome_{job_id}" if job_id.isascii() and job_id.isdigit() else f"{playbook}_outcome"


def artifact(run: RunOutcome, job_id: str = "") -> dict[str, dict[str, Any]]:
    """Return the artifact by its name. Its size is at most MOST_BYTES: names at the end of the list are left out as required.

    Raises ValueError if the playbook and the counts alone are larger.
    """
    failed = list(map(str, run.failed[:MOST_NAMES]))
    found: dict[str, Any] = {
        "playbook": run.playbook,
        "outcome": run.outcome,
        "counts": dict(run.counts),
        "failed": failed,
        "summary": _shortened(" ".join(run.summary.split())),
        "report_file": _path(run.report_file),
        "file_host": _path(run.file_host),
    }
    made = {key_of(run.playbook, job_id): found}
    while failed and _size(made) > MOST_BYTES:
        failed.pop()
    if _size(made) > MOST_BYTES:
        raise ValueError(
            f"The outcome of {run.playbook[:100]} does not fit into {MOST_BYTES} bytes: its counts have {len(run.counts)} names."
        )
    return made


def _size(value: Any) -> int:
    return len(json.dumps(value))


def _path(text: str | None) -> str | None:
    return text if text and _size(text) <= _MOST_PATH else None


def _shortened(text: str) -> str:
    """Return the longest beginning of a text that is small enough as JSON, in which a character takes up to twelve bytes."""
    if _size(text) <= _MOST_SUMMARY:
        return text
    left, end = _MOST_SUMMARY - len('"..."'), 0
    for character in text:
        left -= _size(character) - len('""')
        if left < 0:
            break
        end += 1
    return f"{text[:end].rstrip()}..."


__all__ = ["MOST_BYTES", "MOST_NAMES", "OUTCOMES", "RunOutcome", "artifact", "key_of"]
