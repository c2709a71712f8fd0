# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Count the records of a task, and build its result.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._errors import VolumeActivationError, sentence, with_next_step
from .._task_results import Result
from .model import Record

MOST_NAMED = 100
"""Number of machines that a list of the result contains."""

_IN_MESSAGE = 8
"""Number of machines that the message contains."""

READ, FAILED, UNREACHABLE = "read", "failed", "unreachable"

_WORDS = {FAILED: "failed", UNREACHABLE: "could not be reached"}


class MachinesFailedError(VolumeActivationError):
    """Some machines failed or could not be reached, and the task fails because of them."""

    error_code = "machines_failed"
    category = "check"
    cause = "The machines failed, or could not be reached, as a task of their own would have."


def status_of(result: Result) -> str:
    """Return the status of a machine: read, failed, or unreachable. A machine whose check failed has failed."""
    return UNREACHABLE if result.get("unreachable") else FAILED if result.get("failed") else READ


class RecordCounts:
    """The counts of the records, and the first machines of each status."""

    def __init__(self, machines: Sequence[str], most_records: int) -> None:
        self._place = {name: place for place, name in enumerate(machines)}
        self._keeps = len(machines) <= most_records
        self._names: dict[str, list[str]] = {READ: [], FAILED: [], UNREACHABLE: []}
        self._reasons: dict[str, str] = {}
        self._records: dict[str, Record] = {}

    def add(self, record: Record) -> None:
        """Count a record."""
        status, name = status_of(record.result), record.inventory_hostname
        self._names[status].append(name)
        if status != READ:
            self._reasons[name] = str(record.result.get("msg") or "")
        if self._keeps:
            self._records[name] = record

    def progress(self) -> str:
        """Return how many machines have a record."""
        done = sum(map(len, self._names.values()))
        rest = "".join(f", {len(self._names[status])} {word}" for status, word in _WORDS.items() if self._names[status])
        return f"{done} of {len(self._place)} machines{rest}"

    def as_dict(self) -> dict[str, Any]:
        """Return the counts, and the first machines that failed or could not be reached."""
        return {
            "machine_count": len(self._place),
            **{f"{status}_count": len(names) for status, names in self._names.items()},
            **{f"{status}_machines": self._rows(status) for status in _WORDS},
            "msg": sentence(self._message()),
        }

    def result(self, path: str, fail_on: frozenset[str]) -> dict[str, Any]:
        """Return the result of a task that read the machines, which fails if there are machines with one of these statuses."""
        counts = self.as_dict()
        records = [self._records[name].as_dict() for name in self._sorted(self._records)] if self._keeps else None
        failing = [row for status in _WORDS if status in fail_on for row in counts[f"{status}_machines"]]
        failure = self._failure(counts["msg"], failing, path) if failing else {}
        return {"changed": False, **counts, "record_path": path, "records": records, **failure}

    def _failure(self, message: str, failing: Sequence[Mapping[str, str]], path: str) -> dict[str, Any]:
        steps = (f"Correct the machines, the first is {failing[0]['machine']}. The file {path} contains the record of each machine.",)
        error = MachinesFailedError(message, steps).explain().as_dict()
        return {"failed": True, "msg": with_next_step(message, error), "error": error}

    def _message(self) -> str:
        parts = [f"{len(self._names[READ])} of {len(self._place)} machines were read without a failure"]
        for status, word in _WORDS.items():
            names = self._sorted(self._names[status])
            if names:
                more = len(names) - _IN_MESSAGE
                named = ", ".join(names) if more <= 1 else f"{', '.join(names[:_IN_MESSAGE])} and {more} more"
                parts.append(f"{len(names)} {word}: {named}")
        return "; ".join(parts)

    def _rows(self, status: str) -> list[dict[str, str]]:
        return [{"machine": name, "msg": self._reasons[name]} for name in self._sorted(self._names[status])[:MOST_NAMED]]

    def _sorted(self, names: Any) -> list[str]:
        return sorted(names, key=self._place.__getitem__)


__all__ = ["FAILED", "MOST_NAMED", "UNREACHABLE", "MachinesFailedError", "RecordCounts", "status_of"]
