# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Record the requests of a task in the ledger that the variable activation_ledger names.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import datetime, timezone
from enum import Enum
from typing import Any, Protocol

from ansible.errors import AnsibleError

from ..._licensing.recording.entry import LONGEST_LINE, SCHEMA, TIME, LedgerError, RequestEntry
from ..._variables.misspelled import similar
from ..file_host.channel import FileHost, FileHostError
from ..secrets import SecretMask
from .file import LedgerFile
from .remote import HostLedger

VARIABLE, HOST_VARIABLE = "activation_ledger", "activation_ledger_file_host"
_BEGINNING = VARIABLE[:3]

_LENGTHS = (400, 100, 20)
"""Maximum number of characters of a text in an entry. The next one applies if the line would be too long."""


class LedgerWriter(Protocol):
    """A ledger on the controller or on a file host."""

    def check(self) -> None:
        """Check that lines can be appended, without changing anything. Raises LedgerError."""

    def append(self, line: str, *, in_any_case: bool = False) -> None:
        """Append a line. Raises LedgerError."""


def ledger_of(variables: Mapping[str, Any], templar: Any, lock: Any = None) -> LedgerWriter | None:
    """Return the ledger of a task, which can be written; None if the variable is not set, or is empty. Raises LedgerError.

    :param templar: The templar of the task.
    :param lock: What the play context of the task has for questions about keys of SSH servers.
    """
    _refuse_misspelled(variables)
    path = _value(variables, templar, VARIABLE)
    if path is None or path == "":
        return None
    host = _value(variables, templar, HOST_VARIABLE)
    file = HostLedger(_file_host(host, variables, lock), path) if host else LedgerFile(path)
    file.check()
    return file


def _value(variables: Mapping[str, Any], templar: Any, name: str) -> Any:
    value = variables.get(name)
    try:
        return None if value is None else templar.template(value)
    except AnsibleError as error:
        raise LedgerError(f"Cannot use the ledger: the variable {name} could not be templated: {error}") from None


def _file_host(name: Any, variables: Mapping[str, Any], lock: Any) -> FileHost:
    try:
        return FileHost(name, variables, lock)
    except FileHostError as error:
        raise LedgerError(f"Cannot use the ledger: {error.message}", error.next_steps) from None


def _refuse_misspelled(variables: Mapping[str, Any]) -> None:
    """Raise LedgerError for a variable whose name resembles that of the ledger: an audit would miss what a run without a ledger does."""
    missing = tuple(name for name in (VARIABLE, HOST_VARIABLE) if name not in variables)
    for name in (name for name in variables if name.startswith(_BEGINNING) and name not in (VARIABLE, HOST_VARIABLE)):
        meant = similar(name, missing)
        if meant:
            step = f"Rename the variable to {meant[0]}, or to a name that does not resemble it."
            raise LedgerError(f"The variable {name} is not a variable of this collection: did you mean {meant[0]}?", (step,))


class LedgerRecorder:
    """Appends the entries of one task to a ledger.

    `common` returns the fields that all entries of the task have; it is called for the first one. `warn` adds a warning to the result of
    the task.
    """

    def __init__(self, file: LedgerWriter, common: Callable[[], Mapping[str, Any]], mask: SecretMask, warn: Callable[[str], None]) -> None:
        self._file = file
        self._read_common = common
        self._common: Mapping[str, Any] | None = None
        self._mask = mask
        self._warn = warn
        self._problem: LedgerError | None = None

    def begin(self, entry: RequestEntry, *, is_required: bool = True) -> None:
        """Append an entry before its request is sent. Raises LedgerError if it cannot be written, unless it is not required."""
        line = self._line(entry)
        try:
            if self._problem and is_required:
                raise self._problem
            self._file.append(line, in_any_case=not is_required)
        except LedgerError as error:
            if is_required:
                message = f"{error.message} The module did not {entry.description}, because the ledger would not contain it."
                raise LedgerError(message, error.next_steps) from None
            self._keep(line, error)

    def end(self, entry: RequestEntry) -> None:
        """Append an entry with its result. If this fails, the result of the task contains the entry, and no further request is sent."""
        line = self._line(entry)
        try:
            self._file.append(line, in_any_case=True)
        except LedgerError as error:
            self._keep(line, error)

    def _keep(self, line: str, error: LedgerError) -> None:
        self._problem = error
        self._warn(f"{error.message} The request was sent. Add its entry to the ledger: {line}")

    def _line(self, entry: RequestEntry) -> str:
        if self._common is None:
            self._common = self._read_common()
        values = {"schema": SCHEMA, "time": datetime.now(timezone.utc).strftime(TIME), **self._common, **_plain(entry)}
        return line_of(self._mask.apply(values))


def line_of(values: Mapping[str, Any]) -> str:
    """Return an entry as one line of ASCII, without the line feed. Long texts are shortened."""
    for length in _LENGTHS:
        line = json.dumps({name: _shortened(value, length) for name, value in values.items()}, separators=(",", ":"))
        if len(line) < LONGEST_LINE:
            break
    return line


def _plain(entry: RequestEntry) -> dict[str, Any]:
    values = {field.name: getattr(entry, field.name) for field in fields(entry)}
    return {name: value.value if isinstance(value, Enum) else value for name, value in values.items()}


def _shortened(value: Any, length: int) -> Any:
    return f"{value[: length - 3]}..." if isinstance(value, str) and len(value) > length else value


__all__ = ["LedgerRecorder", "LedgerWriter", "ledger_of", "line_of"]
