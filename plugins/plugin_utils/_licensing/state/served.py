# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The generations of Windows that a job supports, and the error for all others.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

A job declares a :class:`Served`. A Windows before Vista is read by `older`. If `older` is None, the job refuses the machine before it sends
another request.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn, Protocol

from ..._cim.session import CimSession
from ..problems import TaskRefusedError
from .model import ActivationState, Application, OperatingSystem

VISTA = (6, 0)
"""The first version of Windows with the licensing service that all later ones have."""

_WINDOWS_8 = (6, 2)


class OlderWindows(Protocol):
    """Windows before the Software Protection Platform."""

    def read(self, session: CimSession, os: OperatingSystem, applications: frozenset[Application]) -> ActivationState:
        """Read the machine. Raises LicensingError, CimError and UnreachableError."""


@dataclass(frozen=True)
class Served:
    """Windows since Vista, and older versions that `older` reads.

    If `older` is None, `lacks` completes "This machine runs Windows X, which ...", and `instead` is the next step.
    """

    lacks: str = "this collection does not support"
    instead: str = "Exclude this machine."
    older: OlderWindows | None = None

    def reader_for(self, os: OperatingSystem) -> OlderWindows | None:
        """Return the reader of an older Windows, or None for Vista and later. Raises TaskRefusedError for an unsupported version."""
        if version_of(os) >= VISTA:
            return None
        return self.older or refuse(os, self.lacks, self.instead)


def refuse(os: OperatingSystem, lacks: str, instead: str) -> NoReturn:
    """Raise TaskRefusedError for a feature that a version of Windows does not have. See :class:`Served` for the texts."""
    raise TaskRefusedError(
        "not_supported_by_windows", f"{os.computer_name} runs {os.caption} (version {os.version}), which {lacks}.", (instead,)
    )


def version_of(os: OperatingSystem) -> tuple[int, int]:
    """Return the major and minor version, which identify the generation of the licensing service."""
    major, _dot, rest = os.version.partition(".")
    return int(major), int(rest.partition(".")[0] or 0)


def shares_service_with_office(os: OperatingSystem) -> bool:
    """Return whether Office 2013 and later use the licensing service of Windows: since Windows 8. Office 2010 has its own on each."""
    return version_of(os) >= _WINDOWS_8


__all__ = ["VISTA", "OlderWindows", "Served", "refuse", "shares_service_with_office", "version_of"]
