# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""CIM_DataFile of Windows Server 2003, for the two files Microsoft's article 824345 replaces: licdll.dll and winlogon.exe.

Versions, sizes and date of the replaced files are the article's; size and date of those on the media are made up. Properties: Microsoft's
page of the class.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timezone

from ..ports import Value
from . import wmi_faults
from .computer import Computer
from .provider import Row, wanted
from .schema import declare
from .wpa import FIX
from .wql import Comparison

ON_MEDIA, FIXED = "5.2.3790.0", "5.2.3790.81"
_DRIVE, _PATH = "c:", "\\windows\\system32\\"
_FILES = {"licdll.dll": (360448, 377344), "winlogon.exe": (528384, 528896)}
"""Sizes on the media and fixed."""
_MADE = {ON_MEDIA: datetime(2003, 3, 25, 12, 0, tzinfo=timezone.utc), FIXED: datetime(2003, 8, 27, 17, 40, tzinfo=timezone.utc)}

DATA_FILE = declare(
    "CIM_DataFile",
    ("Name",),
    {
        **dict.fromkeys(("Caption", "CompressionMethod", "CreationClassName", "CSCreationClassName", "CSName", "Description", "Drive",
                         "EightDotThreeFileName", "EncryptionMethod", "Extension", "FileName", "FileType", "FSCreationClassName", "FSName",
                         "Manufacturer", "Name", "Path", "Status", "Version"), "string"),
        **dict.fromkeys(("Archive", "Compressed", "Encrypted", "Hidden", "Readable", "System", "Writeable"), "boolean"),
        **dict.fromkeys(("CreationDate", "InstallDate", "LastAccessed", "LastModified"), "datetime"),
        "AccessMask": "uint32", "FileSize": "uint64", "InUseCount": "uint64",
    },
)  # fmt: skip


def versions(computer: Computer) -> Mapping[str, str]:
    """The version of each file."""
    return dict.fromkeys(_FILES, FIXED if FIX in computer.updates else ON_MEDIA)


def files(computer: Computer, tests: Sequence[Comparison]) -> Iterable[Row]:
    """The files of a query that names one, or drive and path.

    Any other query looks through the whole disk on real Windows; raises WmiFault, that of an operation that takes too long.
    """
    if wanted(tests, "name") is None and not (wanted(tests, "drive") == _DRIVE and wanted(tests, "path") is not None):
        raise wmi_faults.timed_out()
    return [_file(computer, name, version) for name, version in versions(computer).items()]


def _file(computer: Computer, name: str, version: str) -> Mapping[str, Value]:
    stem, _dot, extension = name.partition(".")
    full, made = f"{_DRIVE}{_PATH}{name}", _MADE[version]
    return {
        **dict.fromkeys(DATA_FILE.properties), "AccessMask": 18809343, "Archive": True, "Caption": full, "Compressed": False,
        "CreationClassName": "CIM_LogicalFile", "CreationDate": made, "CSCreationClassName": "Win32_ComputerSystem",
        "CSName": computer.name.upper(), "Description": full, "Drive": _DRIVE, "EightDotThreeFileName": full, "Encrypted": False,
        "Extension": extension, "FileName": stem, "FileSize": _FILES[name][version == FIXED],
        "FileType": "Application Extension" if extension == "dll" else "Application", "FSCreationClassName": "Win32_FileSystem",
        "FSName": "NTFS", "Hidden": False, "InstallDate": made, "LastAccessed": made, "LastModified": made,
        "Manufacturer": "Microsoft Corporation", "Name": full, "Path": _PATH, "Readable": True, "Status": "OK", "System": False,
        "Version": version, "Writeable": True,
    }  # fmt: skip
