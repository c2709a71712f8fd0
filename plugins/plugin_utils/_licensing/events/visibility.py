# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether an empty log might be a log that the account cannot read.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Win32_NTLogEvent does not fail for an account without the right to read a log: users report that the query returns nothing. An
administrator can read both logs. Only if there is no event, the module therefore asks whether the account is one, with one request.
If it is not, the module searches for any event of any program in the last day, which the log Application of a machine in use contains.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from ..._cim.session import CimError, CimSession, MalformedResponseError
from ..registry import values as registry
from ..state import wql
from .catalog import APPLICATION, LOGS

_ONLY_ADMINISTRATORS_WRITE = "SOFTWARE"
_RECENT = timedelta(days=1)
"""The period in which a machine that is in use writes an event. A longer one would return more events than necessary."""

HIDDEN = (
    "No event was found, and the account is not an administrator of the machine. Windows also shows a log without any event to an account"
    " that does not have the right to read it. Add the account to the local group Event Log Readers, or use an administrator."
)
"""The warning for a result without any event."""


def might_be_hidden(session: CimSession, now: datetime) -> bool:
    """Return whether an account might not have the right to read the logs: it is not an administrator, and sees no event of the last day.

    `now` is the current time of the machine. One request for an administrator, two for another account. Raises UnreachableError.
    """
    return not is_administrator(session) and not _shows_any_event(session, now)


def is_administrator(session: CimSession) -> bool:
    """Return whether the account can change what only administrators can change. One request. Raises UnreachableError.

    An error means that the account does not have the rights of an administrator.
    """
    try:
        return registry.can_write(session, _ONLY_ADMINISTRATORS_WRITE)
    except (CimError, MalformedResponseError):
        return False


def _shows_any_event(session: CimSession, now: datetime) -> bool:
    since = wql.moment(now - _RECENT)
    query = f"SELECT RecordNumber FROM Win32_NTLogEvent WHERE Logfile={wql.literal(LOGS[APPLICATION])} AND TimeGenerated >= {since}"
    try:
        return bool(session.query(query))
    except (CimError, MalformedResponseError):
        return False


__all__ = ["HIDDEN", "is_administrator", "might_be_hidden"]
