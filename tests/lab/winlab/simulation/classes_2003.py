# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The classes of Windows Server 2003."""

from __future__ import annotations

from . import classes, files, files_2003, os_classes, os_classes_2003, stdregprov, wpa_classes
from .eventlog import EVENT_CLASS
from .provider import Provider, Served, by_name

SERVED = Served(
    {
        wpa_classes.NAME: Provider(wpa_classes.rows, wpa_classes.call),
        "CIM_DataFile": Provider(files_2003.data_files),
        "Win32_OperatingSystem": Provider(
            lambda computer, _tests: (os_classes_2003.operating_system(computer),), os_classes_2003.call_os
        ),
        "Win32_ComputerSystem": Provider(lambda computer, _tests: (os_classes_2003.computer_system(computer),)),
        "Win32_Service": Provider(lambda computer, _tests: os_classes_2003.services(computer), os_classes_2003.call_service),
        "Win32_NTLogEvent": Provider(classes.events),
        "Win32_QuickFixEngineering": classes.SERVED.providers["Win32_QuickFixEngineering"],
        "StdRegProv": classes.SERVED.providers["StdRegProv"],
    },
    by_name(
        os_classes_2003.OPERATING_SYSTEM, os_classes_2003.COMPUTER_SYSTEM, os_classes.SERVICE, os_classes.UPDATE, EVENT_CLASS,
        stdregprov.STDREGPROV, files.DATA_FILE,
    ),
)  # fmt: skip
