# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a machine shows of its updates: the revision of its build (UBR), or the list of installed updates.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Each cumulative update of Windows 10, Windows Server 2016, and later raises the revision, which only the registry contains:
Win32_OperatingSystem.Version ends with the build.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..._cim.session import CimError, CimSession, MalformedResponseError
from ..registry import values as registry
from . import wql


@dataclass(frozen=True)
class Servicing:
    """The revision of the build, and the installed updates. Both are None if they were not read, or could not be read."""

    revision: int | None = None
    updates: frozenset[str] | None = None


NOT_READ = Servicing()


def read_revision(session: CimSession) -> Servicing:
    """Read the revision of the build with one request."""
    try:
        return Servicing(revision=registry.dword(session, registry.CURRENT_VERSION, "UBR"))
    except (CimError, MalformedResponseError):
        return NOT_READ


def read_updates(session: CimSession, names: Iterable[str] = ()) -> Servicing:
    """Read with one query which of these updates are installed, or all installed updates if there are no names."""
    wanted = " OR ".join(f"HotFixID={wql.literal(name)}" for name in names)
    try:
        found = session.query(f"SELECT HotFixID FROM Win32_QuickFixEngineering{f' WHERE {wanted}' if wanted else ''}")
    except (CimError, MalformedResponseError):
        return NOT_READ
    return Servicing(updates=frozenset(name for instance in found if (name := instance.text("HotFixID"))))
