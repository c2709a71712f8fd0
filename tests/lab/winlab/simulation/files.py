# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files and folders of a machine, as far as anything here makes or names any: CIM_DataFile and Win32_Directory.

Properties: Microsoft's pages of the classes. The folders are those of every Windows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ..interfaces import Value
from . import wmi_faults
from .computer import Computer
from .provider import Row, wanted
from .schema import declare
from .wql import Comparison

_DRIVE = "c:"
_COMMON = {
    **dict.fromkeys(("Caption", "CompressionMethod", "CreationClassName", "CSCreationClassName", "CSName", "Description", "Drive",
                     "EightDotThreeFileName", "EncryptionMethod", "Extension", "FileName", "FileType", "FSCreationClassName", "FSName",
                     "Name", "Path", "Status"), "string"),
    **dict.fromkeys(("Archive", "Compressed", "Encrypted", "Hidden", "Readable", "System", "Writeable"), "boolean"),
    **dict.fromkeys(("CreationDate", "InstallDate", "LastAccessed", "LastModified"), "datetime"),
    "AccessMask": "uint32", "FileSize": "uint64", "InUseCount": "uint64",
}  # fmt: skip
FILE_PROPERTIES: Mapping[str, str] = {**_COMMON, "Manufacturer": "string", "Version": "string"}
DATA_FILE = declare("CIM_DataFile", ("Name",), FILE_PROPERTIES)
DIRECTORY = declare("Win32_Directory", ("Name",), _COMMON)

WINDOWS_FOLDER = "C:\\Windows"
LOG_FOLDER = f"{WINDOWS_FOLDER}\\System32\\winevt\\Logs"
_FOLDERS = (
    "C:\\", WINDOWS_FOLDER, f"{WINDOWS_FOLDER}\\System32", f"{WINDOWS_FOLDER}\\System32\\winevt", LOG_FOLDER, f"{WINDOWS_FOLDER}\\Temp",
    "C:\\Program Files", "C:\\ProgramData", "C:\\Users", "C:\\Users\\Public", "C:\\Users\\Public\\Documents",
)  # fmt: skip


@dataclass(frozen=True)
class StoredFile:
    """A file that was made while the story went on."""

    path: str
    size: int
    made: datetime
    records: int
    """Records of the event log that is saved in it."""


def has_folder(path: str) -> bool:
    """Whether there is a folder of this name."""
    return path.rstrip("\\").casefold() in {folder.rstrip("\\").casefold() for folder in _FOLDERS}


def refuse_search(tests: Sequence[Comparison]) -> None:
    """Refuse a query that names neither a file nor drive and path.

    It would look through the whole disk on real Windows; raises WmiFault, that of an operation that takes too long.
    """
    if wanted(tests, "name") is None and not (wanted(tests, "drive") == _DRIVE and wanted(tests, "path") is not None):
        raise wmi_faults.timed_out()


def data_files(computer: Computer, tests: Sequence[Comparison]) -> Iterable[Row]:
    """The files that were made, for a query that names one, or drive and path."""
    refuse_search(tests)
    return [row(computer, stored.path, stored.size, stored.made) for stored in computer.files.values()]


def directories(computer: Computer, tests: Sequence[Comparison]) -> Iterable[Row]:
    """The folders, for a query that names one, or drive and path."""
    refuse_search(tests)
    made = computer.now()
    return [
        {**row(computer, folder, 0, made), "Archive": False, "CreationClassName": "CIM_LogicalFile", "FileSize": None,
         "FileType": "File Folder"}
        for folder in _FOLDERS
    ]  # fmt: skip


def row(computer: Computer, path: str, size: int, made: datetime) -> Mapping[str, Value]:
    """All properties of a file or folder. Windows gives the names of this class in lower case."""
    full = path.lower()
    folder, _slash, name = full.rpartition("\\")
    stem, _dot, extension = name.rpartition(".") if "." in name else (name, "", "")
    return {
        **dict.fromkeys(FILE_PROPERTIES), "AccessMask": 18809343, "Archive": True, "Caption": full, "Compressed": False,
        "CreationClassName": "CIM_LogicalFile", "CreationDate": made, "CSCreationClassName": "Win32_ComputerSystem",
        "CSName": computer.name.upper(), "Description": full, "Drive": full[:2], "EightDotThreeFileName": full, "Encrypted": False,
        "Extension": extension, "FileName": stem, "FileSize": size, "FileType": f"{extension} File",
        "FSCreationClassName": "Win32_FileSystem", "FSName": "NTFS", "Hidden": False, "InstallDate": made, "LastAccessed": made,
        "LastModified": made, "Name": full,
        "Path": f"{folder[2:]}\\", "Readable": True, "Status": "OK", "System": False, "Writeable": True,
    }  # fmt: skip
