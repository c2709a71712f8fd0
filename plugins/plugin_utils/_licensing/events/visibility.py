# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether an empty log might be a log that the account cannot read.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Win32_NTLogEvent does not fail for an account without the right to read a log: users report that the query returns nothing. An
administrator can read both logs. Only if there is no event, the module therefore asks whether the account is one, with one request.
"""

from __future__ import annotations

from ..._cim.session import CimError, CimSession, MalformedResponseError
from ..registry import values as registry

_ONLY_ADMINISTRATORS_WRITE = "SOFTWARE"

HIDDEN = (
    "No event was found, and the account is not an administrator of the machine. Windows also shows a log without any event to an account"
    " that does not have the right to read it. Add the account to the local group Event Log Readers, or use an administrator."
)
"""The warning for a result without any event."""


def might_be_hidden(session: CimSession) -> bool:
    """Return whether an account might not have the right to read the logs: it is not an administrator. One request.

    An error means that the account does not have the rights of an administrator either. Raises UnreachableError.
    """
    try:
        return not registry.can_write(session, _ONLY_ADMINISTRATORS_WRITE)
    except (CimError, MalformedResponseError):
        return True


__all__ = ["HIDDEN", "might_be_hidden"]
