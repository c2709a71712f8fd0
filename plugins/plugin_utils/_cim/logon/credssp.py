# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a failed logon with CredSSP means, and what to do about it.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

requests-credssp names the step of the protocol in which the machine stopped, and the status that the machine sent, if there is one. The
sentences are those of requests-credssp 2.0 with pyspnego 0.12.
"""

from __future__ import annotations

import re

from .accounts import status_problem
from .problem import LogonProblem

_ENABLE = LogonProblem(
    "the machine does not offer CredSSP",
    "On the machine, run Enable-WSManCredSSP -Role Server -Force, or use another authentication method.",
)
_INNER_TLS = LogonProblem(
    "the machine and the controller have no version of TLS in common inside CredSSP",
    "On Windows 7 and Windows Server 2008 R2, install KB3080079, which adds TLS 1.2. On other versions, check that TLS 1.2 is enabled.",
)
_RELAY = LogonProblem(
    "the machine and the controller do not see the same key inside CredSSP, as if another host relayed the logon; the password was not"
    " sent",
    "Check which machine responds at this address, and which proxies are between the controller and this machine.",
)
_DELEGATED = LogonProblem(
    "the machine accepted the logon, but could not log on with the delegated password",
    "Check the security event log of the machine for the failed logon, and check that the account can log on interactively.",
)
_OLD = LogonProblem(
    "the machine has a version of CredSSP that is older than the minimum of the inventory",
    "Install the updates of the machine for CVE-2018-0886, or lower the minimum version in the inventory.",
)
_STATUS = re.compile(r"Received error status from the server: \((?P<status>\d{1,10})\)")
_PROBLEMS = (
    (re.compile(r"did not response CredSSP being an available"), _ENABLE),
    (re.compile(r"Public key verification failed"), _RELAY),
    (re.compile(r"after step Public key exchange"), _RELAY),
    (re.compile(r"after step Credential exchange"), _DELEGATED),
    (re.compile(r"after step (?:Step 1\. )?TLS Handshake|TLS handshake for CredSSP"), _INNER_TLS),
    (re.compile(r"did not meet the minimum requirements"), _OLD),
)


def credssp_problem(error: BaseException) -> LogonProblem | None:
    """Return what an exception of requests-credssp means, or None if the machine refused the account without a reason."""
    text, status = str(error), _status_in(error)
    if status is not None:
        return status_problem(status)
    return next((problem for pattern, problem in _PROBLEMS if pattern.search(text)), None)


def _status_in(error: BaseException) -> int | None:
    """Return the status that the machine sent. Version 2 of the library omits most of them, but keeps the exception of pyspnego."""
    found = _STATUS.search(str(error))
    if found is not None:
        return int(found["status"])
    native = getattr(getattr(error.__cause__, "base_error", None), "winerror", None)
    return native if isinstance(native, int) else None


__all__ = ["credssp_problem"]
