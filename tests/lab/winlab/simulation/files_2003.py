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

from . import files
from .computer import Computer
from .provider import Row
from .wpa import FIX
from .wql import Comparison

ON_MEDIA, FIXED = "5.2.3790.0", "5.2.3790.81"
_DRIVE, _PATH = "c:", "\\windows\\system32\\"
_FILES = {"licdll.dll": (360448, 377344), "winlogon.exe": (528384, 528896)}
"""Sizes on the media and fixed."""
_MADE = {ON_MEDIA: datetime(2003, 3, 25, 12, 0, tzinfo=timezone.utc), FIXED: datetime(2003, 8, 27, 17, 40, tzinfo=timezone.utc)}


def versions(computer: Computer) -> Mapping[str, str]:
    """The version of each file."""
    return dict.fromkeys(_FILES, FIXED if FIX in computer.updates else ON_MEDIA)


def data_files(computer: Computer, tests: Sequence[Comparison]) -> Iterable[Row]:
    """The files of a query that names one, or drive and path.

    Any other query looks through the whole disk on real Windows; raises WmiFault, that of an operation that takes too long.
    """
    files.refuse_search(tests)
    return [_file(computer, name, version) for name, version in versions(computer).items()]


def _file(computer: Computer, name: str, version: str) -> Row:
    extension = name.partition(".")[2]
    return {
        **files.row(computer, f"{_DRIVE}{_PATH}{name}", _FILES[name][version == FIXED], _MADE[version]),
        "FileType": "Application Extension" if extension == "dll" else "Application", "Manufacturer": "Microsoft Corporation",
        "System": False, "Version": version,
    }  # fmt: skip
