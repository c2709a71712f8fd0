# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the machines of one run share of their probes: who asks an endpoint first asks it for all.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Ansible forks a worker for each machine, and no memory is shared between them. All of them see the folder for temporary files of the run,
which only the user of the run can read and which is removed at its end. Each endpoint has a file there, locked while somebody asks.
Where there is no such folder every machine asks for itself, within its own limits.
"""

from __future__ import annotations

import fcntl
import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from ...module_utils._kms.limits import Ask
from ...module_utils._kms.status import ProbeFinding, ProbeStatus

MOST_IN_A_RUN = 256
"""Different addresses and ports that are asked in one run, all machines together."""

GOOD_FOR = 60.0
"""Seconds in which the answer of a KMS host is taken for that to the next machine too."""

BAD_FOR = 10.0
"""The same for an address where none answers, short enough for a task that tries again until one does."""

_MANY_IN_A_RUN = (
    "Run the play for a part of the machines at a time, with --limit: each run has this limit for itself.",
    "Remove SRV records and settings of machines that name hosts which no longer exist.",
)
_FOLDER = "winops-volume-activation-probes"
_COUNT = "count"


@dataclass(frozen=True)
class SharedProbes:
    """The answers of a run, in a folder that its workers share; `clock` is in seconds and the same for all of them."""

    folder: Path
    clock: Callable[[], float] = time.time

    @classmethod
    def in_run(cls, temporary: str | None) -> SharedProbes | None:
        """Those of this run, in its folder for temporary files; None where there is no such folder."""
        if not temporary or not Path(temporary).is_dir():
            return None
        folder = Path(temporary, _FOLDER)
        try:
            folder.mkdir(mode=0o700, exist_ok=True)
        except OSError:
            return None
        return cls(folder)

    def ask(self, address: str, port: int, timeout: float, ask: Ask) -> ProbeFinding:
        """Ask once for all machines of the run."""
        with ExitStack() as stack:
            try:
                entry = stack.enter_context(self._entry(address, port))
            except OSError:
                return ask(address, port, timeout)
            if entry is None:
                return ProbeFinding(
                    ProbeStatus.NOT_ASKED, f"This run has asked {MOST_IN_A_RUN} endpoints, which is the most.", steps=_MANY_IN_A_RUN
                )
            known = self._known(entry, timeout)
            if known is None:
                known = ask(address, port, timeout)
                with suppress(OSError):
                    self._write(entry, known, timeout)
            return known

    @contextmanager
    def _entry(self, address: str, port: int) -> Iterator[IO[str] | None]:
        """The file of an endpoint, locked; None when the run has too many of them."""
        path = self.folder / f"{address.replace(':', '_').replace('%', '_')}-{port}"
        if not path.exists() and not self._admit(path):
            yield None
            return
        with path.open("r+", encoding="utf-8") as entry:
            fcntl.flock(entry, fcntl.LOCK_EX)
            yield entry

    def _admit(self, path: Path) -> bool:
        with (self.folder / _COUNT).open("a", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not path.exists() and sum(1 for _file in self.folder.iterdir()) > MOST_IN_A_RUN:
                return False
            path.touch(mode=0o600)
            return True

    def _known(self, entry: IO[str], timeout: float) -> ProbeFinding | None:
        """The last answer while it holds; one that gave the host less time says nothing against it."""
        try:
            found = json.loads(entry.read())
            finding = ProbeFinding(ProbeStatus(found["status"]), found["detail"], found["address"], found["response_time_ms"])
            age = self.clock() - found["time"]
            is_good, waited = finding.status is ProbeStatus.AVAILABLE, found["timeout"]
        except (ValueError, KeyError, TypeError):
            return None
        holds = 0 <= age < (GOOD_FOR if is_good else BAD_FOR)
        return finding if holds and (is_good or waited >= timeout) else None

    def _write(self, entry: IO[str], finding: ProbeFinding, timeout: float) -> None:
        told = {
            "status": finding.status.value,
            "detail": finding.detail,
            "address": finding.address,
            "response_time_ms": finding.response_time_ms,
        }
        entry.seek(0)
        entry.truncate()
        entry.write(json.dumps({**told, "time": self.clock(), "timeout": timeout}))
        entry.flush()
