# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Win32_NTEventlogFile: the logs of a machine, saving and clearing them.

Properties, methods and return values: Microsoft's pages of the class and its methods. The spelling of the methods is that of their MOF.
What is returned when the folder is missing is not documented: of the values that are, 21 is the one left.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from ..interfaces import MethodAnswer
from . import files, wmi_faults
from .arguments import Argument
from .catalog import CSVLK
from .computer import Computer
from .eventlog import APPLICATION, KEY_MANAGEMENT_SERVICE
from .files import LOG_FOLDER, StoredFile, row
from .provider import Row
from .schema import Method, declare
from .wql import Comparison

INVALID_PARAMETER, FILE_EXISTS = 21, 80
_LARGEST = 20 * 1024 * 1024
_HEADER, _RECORD = 69632, 512
_LONGEST_PATH = 259
_PATH = re.compile(r"(?P<folder>[A-Za-z]:(?:\\[^\\/:*?\"<>|]+)*)\\(?P<name>[^\\/:*?\"<>|]+)")

_NAME = {"ArchiveFileName": "string"}
EVENTLOG_FILE = declare(
    "Win32_NTEventlogFile",
    ("Name",),
    {**files.FILE_PROPERTIES, "LogfileName": "string", "MaxFileSize": "uint32", "NumberOfRecords": "uint32", "OverwriteOutDated": "uint32",
     "OverWritePolicy": "string", "Sources": "string[]"},
    (Method("BackupEventlog", _NAME, {}), Method("ClearEventlog", _NAME, {}, optional=True)),
)  # fmt: skip


def logs(computer: Computer) -> tuple[str, ...]:
    """The logs a machine has.

    Whether one that never was a KMS host has the log Key Management Service is not in the facts. Both occur: up to 6.1 it is always there,
    later while a KMS host key is installed or requests are in it.
    """
    has_kms = (
        computer.os.generation <= (6, 1)
        or any(product.sku.channel == CSVLK for product in computer.service.keyed())
        or bool(computer.events.newest_first(KEY_MANAGEMENT_SERVICE))
    )
    return (APPLICATION, KEY_MANAGEMENT_SERVICE) if has_kms else (APPLICATION,)


def eventlog_files(computer: Computer, _tests: Sequence[Comparison]) -> Iterable[Row]:
    """One for each log."""
    return [_file(computer, log) for log in logs(computer)]


def _path(log: str) -> str:
    return f"{LOG_FOLDER}\\{log}.evtx"


def _size(records: int) -> int:
    return _HEADER + _RECORD * records


def _file(computer: Computer, log: str) -> Row:
    records = len(computer.events.newest_first(log))
    return {
        **row(computer, _path(log), _size(records), computer.now()), "Name": _path(log), "LogfileName": log, "MaxFileSize": _LARGEST,
        "NumberOfRecords": records, "OverwriteOutDated": 0, "OverWritePolicy": "WhenNeeded", "Sources": (log,),
    }  # fmt: skip


def call(computer: Computer, keys: Mapping[str, str], method: str, arguments: Mapping[str, Argument]) -> MethodAnswer:
    """BackupEventlog, and ClearEventlog, which saves the log first when a name is given."""
    log = next((log for log in logs(computer) if _path(log).casefold() == keys["Name"].casefold()), None)
    if log is None:
        raise wmi_faults.no_instance("Win32_NTEventlogFile", dict(keys))
    path = arguments["ArchiveFileName"]
    failure = 0 if path is None else _save(computer, log, str(path))
    if method == "ClearEventlog" and not failure:
        computer.events.clear(log)
    return MethodAnswer(failure)


def _save(computer: Computer, log: str, path: str) -> int:
    found = _PATH.fullmatch(path)
    if found is None or len(path) > _LONGEST_PATH or not files.has_folder(found["folder"]):
        return INVALID_PARAMETER
    if path.casefold() in computer.files or files.has_folder(path):
        return FILE_EXISTS
    records = len(computer.events.newest_first(log))
    computer.files[path.casefold()] = StoredFile(path, _size(records), computer.now(), records)
    return 0
