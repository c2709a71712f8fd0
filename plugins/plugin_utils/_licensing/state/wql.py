# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Text for WQL queries.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

A query is text that travels to the machine, so whatever comes from a task or from a machine goes through
:func:`literal` and can never end the string it stands in.
"""

from __future__ import annotations

from datetime import datetime, timezone

from ..._cim.session import MalformedResponseError


def literal(value: str) -> str:
    """A WQL string literal: backslash and both quotes are escaped by a backslash (WQL on learn.microsoft.com).

    Raises MalformedResponseError for control characters: no option of a task and no value of a machine that is well has any.
    """
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in value):
        raise MalformedResponseError(f"a value for a WQL query must not hold control characters: {value[:40]!r}.")
    escaped = value.replace("\\", "\\\\").replace("'", "\\'").replace('"', '\\"')
    return f"'{escaped}'"


def moment(value: datetime) -> str:
    """A point in time as a DMTF datetime literal in UTC, to the second; needs an aware datetime."""
    return literal(value.astimezone(timezone.utc).strftime("%Y%m%d%H%M%S.000000+000"))
