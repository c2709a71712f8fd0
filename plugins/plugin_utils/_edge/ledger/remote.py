# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A ledger on a file host: each line is appended there before its request is sent, as on the controller.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

If the connection is lost, it is not known whether the line was appended. The request is then not sent, and a line that was appended is a
`started` line without a result, which readers take as unknown.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible import constants

from ..._licensing.recording.entry import LARGEST_LEDGER, LedgerError
from ..actions.run_memory import RunMemory
from ..file_host.channel import FileHost, FileHostError
from ..file_host.places import place
from ..kept_path import UnsafePathError

_MEMORY = "activation_ledger"


class HostLedger:
    """The ledger. The first task of a run checks it, and the others use the outcome: a machine in the desired state costs nothing."""

    def __init__(self, host: FileHost, path: Any) -> None:
        """Raises LedgerError for a value that cannot be the path of a file."""
        try:
            self._path = place(path)
        except UnsafePathError as error:
            raise LedgerError(f"Cannot use the ledger {path!r} on {host.name}: {error.message}.") from None
        self._host = host
        self._name = f"{host.name}:{self._path}"

    def check(self) -> None:
        """Check that lines can be appended, without changing anything. Raises LedgerError."""
        memory = RunMemory(Path(constants.DEFAULT_LOCAL_TMP), _MEMORY)
        if self._name not in memory.read():
            with memory.turn([self._name]):
                if self._name not in memory.read():
                    memory.keep({self._name: self._problem()})
        problem, *steps = memory.read().get(self._name) or self._problem()
        if problem:
            raise LedgerError(problem, tuple(steps))

    def append(self, line: str, *, in_any_case: bool = False) -> None:
        """Append a line, which has no line feed. Raises LedgerError; the file then does not contain a part of the line, if possible.

        :param in_any_case: Append also without the lock, if another program does not release it.
        """
        try:
            self._host.request("append", path=self._path, line=line, in_any_case=in_any_case)
        except FileHostError as error:
            raise LedgerError(f"Cannot write to the ledger {self._name}: {error.message}", error.next_steps) from None

    def _problem(self) -> list[str]:
        """Return why lines cannot be appended and the next steps, or an empty text."""
        try:
            found, _none = self._host.request("check_ledger", path=self._path)
        except FileHostError as error:
            return [f"Cannot write to the ledger {self._name}: {error.message}", *error.next_steps]
        if found["size"] > LARGEST_LEDGER:
            step = "Rename the file, and keep it. The next task begins a new one."
            return [f"Cannot write to the ledger {self._name}: it has {found['size']} bytes, and the maximum is {LARGEST_LEDGER}.", step]
        return [""]


__all__ = ["HostLedger"]
