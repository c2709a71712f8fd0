# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Share the results of probes between the machines of one run, so that each endpoint is probed once.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Ansible forks a worker process for each machine, and the processes do not share memory. All of them can read the temporary directory of the
run, which only the user of the run can read, and which is removed at the end of the run. Each endpoint has a file there, which is locked
during a probe. Without such a directory, every machine probes its endpoints within its own limits.
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
"""Maximum number of different addresses and ports that all machines of a run probe together."""

GOOD_FOR = 60.0
"""Time in seconds in which the result of a KMS host that responds is used for other machines."""

BAD_FOR = 10.0
"""The same for an address that does not respond. It is short, because a task can repeat the probe until a host responds."""

_MANY_IN_A_RUN = (
    "Run the play for some of the machines at a time, with --limit. Each run has its own limit.",
    "Remove SRV records of hosts that no longer exist, and correct machines that are configured to use such a host.",
)
_FOLDER = "winops-volume-activation-probes"
_COUNT = "count"


@dataclass(frozen=True)
class SharedProbes:
    """The results of a run, in a directory that its worker processes share; `clock` is in seconds, and the same for all processes."""

    folder: Path
    clock: Callable[[], float] = time.time

    @classmethod
    def in_run(cls, temporary: str | None) -> SharedProbes | None:
        """Return the shared results of this run in its temporary directory, or None if there is no such directory."""
        if not temporary or not Path(temporary).is_dir():
            return None
        folder = Path(temporary, _FOLDER)
        try:
            folder.mkdir(mode=0o700, exist_ok=True)
        except OSError:
            return None
        return cls(folder)

    def ask(self, address: str, port: int, timeout: float, ask: Ask) -> ProbeFinding:
        """Return the result of another machine, or call `ask` and share its result."""
        with ExitStack() as stack:
            try:
                entry = stack.enter_context(self._entry(address, port))
            except OSError:
                return ask(address, port, timeout)
            if entry is None:
                return ProbeFinding(
                    ProbeStatus.NOT_ASKED, f"This run has probed {MOST_IN_A_RUN} endpoints, which is the maximum.", steps=_MANY_IN_A_RUN
                )
            known = self._known(entry, timeout)
            if known is None:
                known = ask(address, port, timeout)
                with suppress(OSError):
                    self._write(entry, known, timeout)
            return known

    @contextmanager
    def _entry(self, address: str, port: int) -> Iterator[IO[str] | None]:
        """Yield the locked file of an endpoint, or None if the run has too many endpoints."""
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
        """Return the last result while it is valid. A failure with a shorter timeout than `timeout` is not valid."""
        try:
            found = json.loads(entry.read())
            finding = ProbeFinding(ProbeStatus(found["status"]), found["detail"], found["address"], found["response_time_ms"])
            age = self.clock() - found["time"]
            is_good, waited = finding.status is ProbeStatus.AVAILABLE, found["timeout"]
        except (ValueError, KeyError, TypeError):
            return None
        is_recent = 0 <= age < (GOOD_FOR if is_good else BAD_FOR)
        return finding if is_recent and (is_good or waited >= timeout) else None

    def _write(self, entry: IO[str], finding: ProbeFinding, timeout: float) -> None:
        values = {
            "status": finding.status.value,
            "detail": finding.detail,
            "address": finding.address,
            "response_time_ms": finding.response_time_ms,
        }
        entry.seek(0)
        entry.truncate()
        entry.write(json.dumps({**values, "time": self.clock(), "timeout": timeout}))
        entry.flush()
