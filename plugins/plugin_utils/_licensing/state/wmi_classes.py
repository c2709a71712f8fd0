# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""WMI classes that do not exist, because the product is not installed or because WMI is damaged.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from ..._cim.session import CimError, CimInstance, CimSession
from ..catalog.errors import explain
from ..problems import LicensingError

NO_SUCH_CLASS = frozenset({0x8004100E, 0x80041010, 0x80041002, 0x8033801A, 0x80338000})
"""Invalid namespace, invalid class, not found, and the WinRM codes for them. The code depends on the release of Windows."""

NO_SUCH_METHOD = frozenset({0x8004102E, 0x8004102F, 0x80041055, 0x80338031})
"""Invalid method, invalid parameters, method not implemented, and the WinRM code for them. ospp.vbs shows only some methods of Office."""

_NOT_FROM_PROVIDER = frozenset({0x80338029, 0x803381A5, 0x803381A6, 0x803381A7, 0x803381A8})
"""Timeouts and quotas of WS-Management, which do not depend on the class."""


_MOF_FILES = {"Win32_OperatingSystem": "cimwin32.mof"}


class WmiRepositoryError(LicensingError):
    """A WMI class that every Windows of this release has does not exist."""

    error_code = "wmi_broken"
    category = "wmi"
    cause = "The WMI repository of the machine is damaged, or a class in it is no longer registered."
    source = "Microsoft: WMI: Repository Corruption, or Not?; Microsoft Learn: SoftwareLicensingService"

    def __init__(self, class_name: str, code: int, windows: str) -> None:
        explanation = explain(code)
        mof = _MOF_FILES.get(class_name, "sppwmi.mof")
        found = f"it does not find {class_name}, which exists on every {windows}"
        super().__init__(
            f"WMI on this machine is damaged: {found} ({explanation.label}).",
            (
                "Run 'winmgmt /verifyrepository'. If it finds an inconsistency, run 'winmgmt /salvagerepository', and reboot the machine.",
                rf"If the repository is consistent, register the class again: 'mofcomp %SystemRoot%\System32\wbem\{mof}'.",
                "If the class is still missing, repair the system files with 'sfc /scannow'.",
            ),
        )


def query_required(session: CimSession, query: str, class_name: str, windows: str = "Windows") -> list[CimInstance]:
    """Query a class that must exist. Raises WmiRepositoryError if it does not exist, and CimError."""
    try:
        return session.query(query)
    except CimError as error:
        if error.code not in NO_SUCH_CLASS:
            raise
        code = error.code
    raise WmiRepositoryError(class_name, code, windows)


def query_optional(session: CimSession, query: str) -> tuple[list[CimInstance], CimError | None]:
    """Query a class that might not exist, on a machine whose licensing service has responded.

    Errors of the provider do not stop the task. If an error does not mean that the class does not exist, it is returned.
    """
    try:
        return session.query(query), None
    except CimError as error:
        if error.code in _NOT_FROM_PROVIDER:
            raise
        return [], None if error.code in NO_SUCH_CLASS else error


__all__ = ["NO_SUCH_CLASS", "NO_SUCH_METHOD", "WmiRepositoryError", "query_optional", "query_required"]
