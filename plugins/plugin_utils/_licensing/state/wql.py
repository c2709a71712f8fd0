# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Literals for WQL queries.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

A query is text that is sent to the machine. Every value from a task or from a machine therefore passes through :func:`literal`, so that it
cannot end the string literal that contains it.
"""

from __future__ import annotations

from datetime import datetime, timezone

from ..._cim.session import MalformedResponseError


def literal(value: str) -> str:
    """Return a WQL string literal, with backslashes before backslashes and both quotes (WQL on learn.microsoft.com).

    Raises MalformedResponseError for control characters, which neither options nor correct values of a machine contain.
    """
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in value):
        raise MalformedResponseError(f"a value for a WQL query must not contain control characters: {value[:40]!r}.")
    escaped = value.replace("\\", "\\\\").replace("'", "\\'").replace('"', '\\"')
    return f"'{escaped}'"


def moment(value: datetime) -> str:
    """Return a time as a DMTF datetime literal in UTC, in whole seconds. The datetime must be aware."""
    return literal(value.astimezone(timezone.utc).strftime("%Y%m%d%H%M%S.000000+000"))
