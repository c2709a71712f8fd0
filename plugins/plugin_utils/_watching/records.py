# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The event source activation_records: watches record files, and reports what changed between records.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from glob import glob
from itertools import islice
from pathlib import Path
from typing import Any

from ...module_utils import _baseline  # noqa: F401  # pylint: disable=unused-import  # first: older Pythons read no more
from ...module_utils._errors import InvalidOptionsError
from .._records.files import RecordsFileError, read_records
from .facts import Fact, Key, MachineFacts, carried_over, changes, event_of, facts_of, is_reported
from .loop import MOST_EVENTS, Event, EventQueue, watch
from .options import SourceOption, options_of

MOST_FILES = 1000
MOST_BYTES = 2 * 1024**3
"""Maximum number of files, and maximum size of one file in bytes: about 40,000 machines with many products."""

Signature = tuple[int, int, int]
"""Inode, size, and time of the last change of a file. A file with the same signature is not read again."""


def _absolute(text: str) -> None:
    if not Path(text).expanduser().is_absolute():
        raise ValueError(f"invalid value {text!r}: must be an absolute path or pattern, because ansible-rulebook can run in any directory")


OPTIONS = {
    "paths": SourceOption("list", (), check=_absolute),
    "interval": SourceOption("int", 60, 1, 86400),
    "expiring_within_days": SourceOption("int", 30, 1, 3650),
    "minimum_count": SourceOption("int", None, 1, 1_000_000),
}


@dataclass
class _File:
    """The facts of a file, or the reason why the file cannot be used."""

    signature: Signature | None = None
    machines: dict[str, MachineFacts] = field(default_factory=dict)
    problem: str | None = None


class RecordsSource:
    """The readings of one source, and the facts that were reported."""

    def __init__(self, args: Mapping[str, Any]) -> None:
        """Raise InvalidOptionsError."""
        self.options = options_of("activation_records", args, OPTIONS)
        if not self.options["paths"]:
            raise InvalidOptionsError("activation_records: set paths to record files or patterns. Nothing was read or sent.")
        self._files: dict[Path, _File] = {}
        self._reported: dict[Key, Fact] = {}

    def round(self) -> list[Event]:
        """Read the files that changed, and return the events, at most MOST_EVENTS."""
        self._read()
        newest = self._newest()
        current = {key: fact for machine in newest.values() for key, fact in machine.facts.items()}
        current.update(carried_over(self._reported, current))
        current.update(self._file_facts())
        return list(islice(self._report(current, newest), MOST_EVENTS))

    def _report(self, current: Mapping[Key, Fact], newest: Mapping[str, MachineFacts]) -> Iterator[Event]:
        """Yield the events, and keep what was reported. What is not consumed is a change of the next reading."""
        for key, former, fact in list(changes(self._reported, current)):
            if fact is None:
                del self._reported[key]
            else:
                self._reported[key] = fact
            if is_reported(former, fact):
                yield _file_event(key, fact) if key[0] == "file" else event_of(key, former, fact, _time_of(newest.get(key[1])))

    def _read(self) -> None:
        found = list(self._paths())
        # A file that no longer exists takes its records with it.
        self._files = {path: self._files.get(path) or _File() for path in found}
        for path, file in self._files.items():
            self._refresh(path, file)

    def _paths(self) -> Iterator[Path]:
        """Yield the files of the paths and patterns. A path without a pattern is also yielded if it does not exist."""
        patterns = [str(Path(text).expanduser()) for text in self.options["paths"]]
        found = (name for pattern in patterns for name in (_found(pattern) or _missing(pattern)))
        return islice((Path(name) for name in dict.fromkeys(found)), MOST_FILES)

    def _refresh(self, path: Path, file: _File) -> None:
        """Read a file if it changed. A file that cannot be used keeps the facts of its last good content."""
        try:
            status = path.stat()
        except OSError as error:
            file.signature, file.problem = None, f"{path} cannot be read: {error.strerror}"
            return
        signature = (status.st_ino, status.st_size, status.st_mtime_ns)
        if signature == file.signature:
            return
        file.signature = signature
        if not path.is_file() or status.st_size > MOST_BYTES:
            file.problem = f"{path} is not a file of at most {MOST_BYTES} bytes"
            return
        days, minimum = self.options["expiring_within_days"], self.options["minimum_count"]
        machines: dict[str, MachineFacts] = {}
        try:
            for record in read_records(path):
                former = machines.get(record.inventory_hostname)
                if former is None or record.time >= former.time:
                    machines[record.inventory_hostname] = facts_of(record, days, minimum)
        except RecordsFileError as error:
            file.problem = str(error)
            return
        file.machines, file.problem = machines, None

    def _newest(self) -> dict[str, MachineFacts]:
        newest: dict[str, MachineFacts] = {}
        for file in self._files.values():
            for name, machine in file.machines.items():
                if name not in newest or machine.time >= newest[name].time:
                    newest[name] = machine
        return newest

    def _file_facts(self) -> Iterator[tuple[Key, Fact]]:
        for path, file in self._files.items():
            if file.problem:
                yield ("file", str(path)), Fact(file.problem, {"message": file.problem})


def _found(pattern: str) -> list[str]:
    return sorted(glob(pattern, recursive=True))  # noqa: PTH207 - Path.glob takes no absolute pattern


def _missing(pattern: str) -> list[str]:
    return [] if any(letter in pattern for letter in "*?[") else [pattern]


def _time_of(machine: MachineFacts | None) -> datetime | None:
    return machine.time if machine else None


def _file_event(key: Key, fact: Fact | None) -> Event:
    message = fact.fields["message"] if fact else None
    return {"activation_records_file": {"path": key[1], "change": "failed" if fact else "readable", "message": message}}


async def run(queue: EventQueue, args: Mapping[str, Any]) -> None:
    """Put events until the source is canceled. Raises InvalidOptionsError at once for invalid arguments."""
    source = RecordsSource(args)
    await watch(queue, source.options["interval"], source.round)


__all__ = ["OPTIONS", "RecordsSource", "run"]
