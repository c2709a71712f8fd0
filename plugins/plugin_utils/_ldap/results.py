# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The error of a result code that is not success.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Texts of a server differ between products and versions, so only the code decides. The exception is the answer to a logon (49): its text has
the number of Windows behind the word data.
"""

from __future__ import annotations

import re

from .errors import DirectoryError, DirectoryLogonError, DirectoryResultError, NoSuchObjectError, shown
from .messages import Result

SUCCESS, BIND_IN_PROGRESS = 0, 14
INVALID_CREDENTIALS = 49
_REFERRAL, _NO_SUCH_OBJECT = 10, 32

_CODES = {
    3: "directory_limit",
    4: "directory_limit",
    8: "directory_stronger_logon_required",
    11: "directory_limit",
    13: "directory_stronger_logon_required",
    50: "directory_not_authorized",
    51: "directory_busy",
    52: "directory_busy",
    53: "directory_refused",
    64: "directory_refused",
    65: "directory_refused",
    66: "directory_has_children",
    68: "directory_name_taken",
}
_NAMES = {
    1: "operationsError",
    2: "protocolError",
    3: "timeLimitExceeded",
    4: "sizeLimitExceeded",
    7: "authMethodNotSupported",
    8: "strongerAuthRequired",
    10: "referral",
    11: "adminLimitExceeded",
    12: "unavailableCriticalExtension",
    13: "confidentialityRequired",
    19: "constraintViolation",
    20: "attributeOrValueExists",
    21: "invalidAttributeSyntax",
    32: "noSuchObject",
    34: "invalidDNSyntax",
    48: "inappropriateAuthentication",
    49: "invalidCredentials",
    50: "insufficientAccessRights",
    51: "busy",
    52: "unavailable",
    53: "unwillingToPerform",
    64: "namingViolation",
    65: "objectClassViolation",
    66: "notAllowedOnNonLeaf",
    68: "entryAlreadyExists",
    80: "other",
}
_DATA = re.compile(r"\bdata ([0-9a-f]{1,8})\b", re.IGNORECASE)
_WRONG = "wrong_password"
_LOGON_DENIED = "8009030c"
"""SEC_E_LOGON_DENIED, with which a text begins whose number is not of Windows."""

_OF_LOGON = {
    0x525: "no_such_account",
    0x52E: _WRONG,
    0x52F: "not_now",
    0x530: "not_now",
    0x531: "not_now",
    0x532: "password_expired",
    0x533: "disabled",
    0x701: "account_expired",
    0x773: "password_expired",
    0x775: "locked",
    0x791: "ntlm_refused",
    0x80090346: "channel_binding",
}
"""By the Win32 error or security status in the text of a failed logon (winerror.h)."""

TIME_SKEW = 0x80090324
"""SEC_E_TIME_SKEW: the clocks of both sides differ too much."""


def label(result: Result) -> str:
    """Return the number, the name, and the text of a result for a message."""
    name = _NAMES.get(result.code, "result code")
    text = shown(result.text)
    return f"{result.code} {name}" + (f" ({text})" if text else "")


def windows_code(result: Result) -> int | None:
    """Return the number of Windows in the text of a failed logon, None if there is none."""
    found = _DATA.search(result.text)
    return int(found.group(1), 16) if found else None


def logon_error(result: Result, who: str, *, ticket: bool = False) -> DirectoryError:
    """Return the error of a bind that did not succeed. `who` names the account and the server.

    `ticket` is whether a Kerberos ticket was presented: then the account and its password are right, whatever the answer says.
    """
    detail = f"{who}: the answer was {label(result)}."
    if result.code == INVALID_CREDENTIALS:
        number = windows_code(result)
        if number == TIME_SKEW:
            return DirectoryLogonError("directory_clock_skew", detail)
        subcode = _OF_LOGON.get(number or 0, _WRONG if _LOGON_DENIED in result.text.casefold() else None)
        return DirectoryLogonError(
            "directory_logon_failed", detail, subcode="ticket_refused" if ticket and subcode in (None, _WRONG) else subcode
        )
    if result.code in _CODES:
        return DirectoryResultError(_CODES[result.code], detail, result.code)
    return DirectoryLogonError("directory_logon_failed", detail)


def result_error(result: Result, what: str, *, write: bool) -> DirectoryError:
    """Return the error of another request that did not succeed. `what` names the request, the object, the account, and the server."""
    detail = f"{what}: the answer was {label(result)}."
    if result.code == _REFERRAL:
        targets = ", ".join(shown(url) for url in result.referrals[:3])
        where = f" It refers to {targets}." if targets else ""
        return DirectoryResultError("directory_read_only" if write else "directory_referral", f"{detail}{where}", result.code)
    if result.code == _NO_SUCH_OBJECT:
        return NoSuchObjectError("directory_no_such_object", detail, result.code)
    return DirectoryResultError(_CODES.get(result.code, "directory_failed"), detail, result.code)


__all__ = ["BIND_IN_PROGRESS", "INVALID_CREDENTIALS", "SUCCESS", "TIME_SKEW", "label", "logon_error", "result_error", "windows_code"]
