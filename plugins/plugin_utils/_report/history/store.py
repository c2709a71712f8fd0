# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The folder in which reports are kept: a folder for each report, with its records and its numbers.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

A report is written to a hidden folder and renamed, so that no reader finds a part of it, and two runs at the same time write two folders.
The name has the time of the report and a digest of its records. If a report is made again from the same records, it is not kept again, and
is compared with the one before. All files can be read by their owner only.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import re
import shutil
import tempfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

from ..._errors import VolumeActivationError
from ..._records.merge import MergedRecords, merge
from ..._records.model import LONGEST_LINE, InvalidRecordError, Record, record_of
from ..._regular_file import open_regular
from .model import ReportHistory, RunFigures

_RECORDS, _FIGURES = "records.jsonl.gz", "figures.json"
_NAME = re.compile(r"(\d{8}T\d{6}Z)-([0-9a-f]{16})")
_TIME = "%Y%m%dT%H%M%SZ"
_TEMPORARY = ".new-"
_ABANDONED = timedelta(days=1)
"""Age after which a hidden folder is left from a run that was killed."""

_LEVEL = 3
_MOST_FIGURES = 1024 * 1024
_MOST_RECORDS = 1_000_000
_UNREADABLE = (OSError, EOFError, ValueError, zlib.error, InvalidRecordError)


class HistoryError(VolumeActivationError):
    """A folder of reports cannot be used. The text contains the path and the reason."""

    error_code = "report_history"
    cause = "The directory does not exist, its permissions do not allow the access, or the disk is full."
    next_steps = ("Check the path, and that the user who runs Ansible can write to it.",)


@dataclass(frozen=True)
class KeptReport:
    """One report in the folder."""

    path: Path
    time: datetime
    digest: str


class HistoryFolder:
    """The folder. Its path is resolved. Raises HistoryError if it, or the folder in which it is to be made, cannot be used."""

    def __init__(self, path: Path) -> None:
        if path.exists() and not path.is_dir():
            raise HistoryError(f"{path} is a file, not a directory")
        if not path.exists() and not path.parent.is_dir():
            raise HistoryError(f"the directory {path.parent} does not exist")
        self.path = path

    def read(self, records: MergedRecords, now: datetime) -> ReportHistory:
        """Return the reports before that of these records. A report that cannot be read is left out."""
        digest, unreadable, trend = digest_of(records), [], []
        kept = [each for each in self._kept() if each.time <= now]
        earlier = [each for each in kept if each.digest != digest]
        previous: MergedRecords | None = None
        previous_time: datetime | None = None
        for each in reversed(earlier):
            try:
                previous, previous_time = merge({each.path.name: _records(each.path / _RECORDS)}, now), each.time
                break
            except _UNREADABLE:
                unreadable.append(each.path.name)
        for each in earlier:
            with suppress(*_UNREADABLE):
                trend.append(_figures(each.path / _FIGURES))
        return ReportHistory(previous, previous_time, tuple(trend), tuple(reversed(unreadable)))

    def keep(self, records: MergedRecords, figures: RunFigures, most: int) -> None:
        """Keep a report, unless the newest one has the same records, and remove the oldest ones. Raises HistoryError."""
        try:
            self.path.mkdir(mode=0o700, exist_ok=True)
            kept, digest = self._kept(), digest_of(records)
            if not kept or kept[-1].digest != digest:
                self._write(records, figures, f"{figures.report_time.astimezone(timezone.utc).strftime(_TIME)}-{digest}")
            self._remove_old(most)
        except OSError as error:
            raise HistoryError(f"a report cannot be kept in {self.path}: {error.strerror}") from None

    def _kept(self) -> list[KeptReport]:
        """Return the kept reports, the oldest first. Raises HistoryError. Other files and links are ignored."""
        try:
            with os.scandir(self.path) as entries:
                found = [(entry.name, _NAME.fullmatch(entry.name)) for entry in entries if entry.is_dir(follow_symlinks=False)]
        except FileNotFoundError:
            return []
        except OSError as error:
            raise HistoryError(f"{self.path} cannot be read: {error.strerror}") from None
        kept = []
        for name, match in sorted(found):
            with suppress(ValueError):
                if match:
                    kept.append(KeptReport(self.path / name, datetime.strptime(match[1], _TIME).replace(tzinfo=timezone.utc), match[2]))
        return kept

    def _write(self, records: MergedRecords, figures: RunFigures, name: str) -> None:
        hidden = Path(tempfile.mkdtemp(prefix=_TEMPORARY, dir=self.path))
        try:
            content = gzip.compress("".join(f"{line}\n" for line in _lines(records)).encode("ascii"), _LEVEL, mtime=0)
            _create(hidden / _RECORDS, content)
            _create(hidden / _FIGURES, json.dumps(figures.as_dict()).encode("ascii"))
            with suppress(FileExistsError):
                _rename(hidden, self.path / name)
        finally:
            shutil.rmtree(hidden, ignore_errors=True)

    def _remove_old(self, most: int) -> None:
        for each in self._kept()[:-most]:
            shutil.rmtree(each.path, ignore_errors=True)
        oldest = datetime.now(timezone.utc) - _ABANDONED
        for path in self.path.glob(f"{_TEMPORARY}*"):
            with suppress(OSError):
                if datetime.fromtimestamp(path.lstat().st_mtime, timezone.utc) < oldest and not path.is_symlink():
                    shutil.rmtree(path, ignore_errors=True)


def digest_of(records: MergedRecords) -> str:
    """Return what identifies records, in any order."""
    found = hashlib.sha256()
    for line in _lines(records):
        found.update(line.encode("ascii"))
    return found.hexdigest()[:16]


def _lines(records: MergedRecords) -> Iterator[str]:
    yield from (record.line() for record in sorted(records.records, key=lambda each: each.inventory_hostname))


def _records(path: Path) -> Sequence[Record]:
    """Return the records of a kept report within limits. Raises one of _UNREADABLE."""
    found: list[Record] = []
    with open_regular(path, follow_links=False) as stream, gzip.open(stream) as unpacked, io.TextIOWrapper(unpacked, "ascii") as lines:
        while line := lines.readline(LONGEST_LINE + 1):
            found.append(record_of(line))
            if len(found) > _MOST_RECORDS:
                raise ValueError("it has too many records")
    return found


def _figures(path: Path) -> RunFigures:
    with open_regular(path, follow_links=False) as stream:
        return RunFigures.parse(json.loads(stream.read(_MOST_FIGURES)))


def _create(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _rename(source: Path, target: Path) -> None:
    """Rename a folder. Raises FileExistsError if another run has kept the same report in the same second."""
    try:
        source.rename(target)
    except OSError:
        if target.is_dir():
            raise FileExistsError(0, "it exists", str(target)) from None
        raise


__all__ = ["HistoryError", "HistoryFolder", "KeptReport", "digest_of"]
