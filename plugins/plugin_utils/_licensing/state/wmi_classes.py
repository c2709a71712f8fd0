# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Classes of WMI that are not there: because the product is not, or because WMI itself is broken.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from ..._cim.session import CimError, CimInstance, CimSession
from ..catalog.errors import explain
from ..problems import LicensingError

NO_SUCH_CLASS = frozenset({0x8004100E, 0x80041010, 0x80041002, 0x8033801A, 0x80338000})
"""Invalid namespace, invalid class and not found, and the codes behind which WinRM hides them; which one comes differs by release."""

_NOT_THE_PROVIDERS = frozenset({0x80338029, 0x803381A5, 0x803381A6, 0x803381A7, 0x803381A8})
"""WS-Management gave up waiting or met a quota: that says nothing about a class."""


_MOF_FILES = {"Win32_OperatingSystem": "cimwin32.mof"}


class WmiRepositoryError(LicensingError):
    """A class that every Windows of this release has is missing."""

    error_code = "wmi_broken"
    category = "wmi"
    cause = "The WMI repository of the machine is damaged, or a class in it has lost its registration."
    source = "Microsoft: WMI: Repository Corruption, or Not?; Microsoft Learn: SoftwareLicensingService"

    def __init__(self, class_name: str, code: int, windows: str) -> None:
        explanation = explain(code)
        mof = _MOF_FILES.get(class_name, "sppwmi.mof")
        words = f"WMI on this machine is broken: it does not find {class_name}, which every {windows} has"
        super().__init__(
            f"{words} ({explanation.code} {explanation.symbol}).",
            (
                "Run 'winmgmt /verifyrepository' on it; if that finds an inconsistency, run 'winmgmt /salvagerepository' and restart it.",
                rf"If the repository is consistent, register the class again: 'mofcomp %SystemRoot%\System32\wbem\{mof}'.",
                "If the class is still missing, repair the system files with 'sfc /scannow'.",
            ),
        )


def query_required(session: CimSession, query: str, class_name: str, windows: str = "Windows") -> list[CimInstance]:
    """Ask for a class that has to be there. Raises WmiRepositoryError when it is not, and CimError."""
    try:
        return session.query(query)
    except CimError as error:
        if error.code not in NO_SUCH_CLASS:
            raise
        code = error.code
    raise WmiRepositoryError(class_name, code, windows)


def query_beside(session: CimSession, query: str) -> tuple[list[CimInstance], CimError | None]:
    """Ask for a class that may be missing, of a machine whose licensing service has answered.

    Whatever the provider fails with, it does not stop the task. An error that does not plainly say "not there" is handed back.
    """
    try:
        return session.query(query), None
    except CimError as error:
        if error.code in _NOT_THE_PROVIDERS:
            raise
        return [], None if error.code in NO_SUCH_CLASS else error


__all__ = ["NO_SUCH_CLASS", "WmiRepositoryError", "query_beside", "query_required"]
