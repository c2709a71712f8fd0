# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why Windows does not accept an account, as far as it says so.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Over NTLM and Basic, a machine returns HTTP 401 for all of these reasons. Only CredSSP has a status ([MS-CSSP] 2.2.1 errorCode), which is
one of [MS-ERREF] 2.3.1.
"""

from __future__ import annotations

from .problem import LogonProblem

_PASSWORD = "Check ansible_user and ansible_password; more attempts can lock the account."
_ACCOUNT = "Check the account on the machine with net user NAME, or in the domain with net user NAME /domain."
_NEW_PASSWORD = "Change the password of the account, and then ansible_password."
_UNLOCK = "Unlock the account, and check ansible_password."
_RESTRICTED = (
    "Check that the account has a password, because Windows allows accounts without a password only at its own console, and check the"
    " policies about network logons."
)
_STATUSES = {
    0xC000006D: ("STATUS_LOGON_FAILURE", "the user name or the password is wrong", _PASSWORD),
    0xC000006A: ("STATUS_WRONG_PASSWORD", "the password is wrong", _PASSWORD),
    0xC0000064: ("STATUS_NO_SUCH_USER", "the machine does not know the user", _PASSWORD),
    0xC000006E: ("STATUS_ACCOUNT_RESTRICTION", "a restriction of the account prevents the logon", _RESTRICTED),
    0xC000006F: ("STATUS_INVALID_LOGON_HOURS", "the account cannot log on at this time", _ACCOUNT),
    0xC0000070: ("STATUS_INVALID_WORKSTATION", "the account cannot log on from this computer", _ACCOUNT),
    0xC0000071: ("STATUS_PASSWORD_EXPIRED", "the password has expired", _NEW_PASSWORD),
    0xC0000072: ("STATUS_ACCOUNT_DISABLED", "the account is disabled", "Enable the account, or use another one."),
    0xC000015B: ("STATUS_LOGON_TYPE_NOT_GRANTED", "the account has no right to log on over the network", _RESTRICTED),
    0xC0000193: ("STATUS_ACCOUNT_EXPIRED", "the account has expired", _ACCOUNT),
    0xC0000224: ("STATUS_PASSWORD_MUST_CHANGE", "the password must be changed at the next logon", _NEW_PASSWORD),
    0xC0000234: ("STATUS_ACCOUNT_LOCKED_OUT", "the account is locked", _UNLOCK),
}


def status_problem(status: int) -> LogonProblem:
    """Return what an NTSTATUS of a refused logon means, signed or unsigned."""
    code = status & 0xFFFFFFFF
    symbol, reason, step = _STATUSES.get(code, ("an unknown status", "the machine refused the logon", _PASSWORD))
    return LogonProblem(f"{reason} (0x{code:08X}, {symbol})", step)


__all__ = ["status_problem"]
