# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a machine can use the logon of a session for another machine (the second hop).

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

A network logon by NTLM, Basic, a certificate, or Kerberos without delegation is valid on the machine only: what the machine requests from
a domain controller for it, it requests without the account. CredSSP passes the password on, and Kerberos a ticket if it was asked to.
Whether the domain permits the delegation is not visible before it is used.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

_TRUE = frozenset({"1", "y", "yes", "t", "true", "on"})
_NAMES = {
    "basic": "Basic", "plaintext": "Basic", "ssl": "Basic", "certificate": "a certificate", "ntlm": "NTLM", "kerberos": "Kerberos",
    "negotiate": "Kerberos or NTLM", "credssp": "CredSSP",
}  # fmt: skip


@dataclass(frozen=True)
class SecondHop:
    """`is_possible`: the machine gets what it needs to log on elsewhere. `logon` is the logon for a message."""

    is_possible: bool
    logon: str


def of_winrm(transports: tuple[str, ...], kerberos_delegation: Any) -> SecondHop:
    """Return the second hop of the `winrm` connection, which tries its transports in order: it must be possible with each."""
    delegates = str(kerberos_delegation).strip().lower() in _TRUE
    return _hop([(name, name == "credssp" or (name == "kerberos" and delegates)) for name in transports])


def of_psrp(authentication: str, negotiate_delegate: Any) -> SecondHop:
    """Return the second hop of the `psrp` connection. `negotiate` can become NTLM, but only if Kerberos is not possible."""
    delegates = str(negotiate_delegate).strip().lower() in _TRUE
    return _hop([(authentication, authentication == "credssp" or (authentication in ("kerberos", "negotiate") and delegates))])


def _hop(found: list[tuple[str, bool]]) -> SecondHop:
    names = list(dict.fromkeys(_NAMES.get(name, name) for name, possible in found if not possible))
    logon = " or ".join(names) or "a logon with delegation"
    without = " without delegation" if any(name in ("kerberos", "negotiate") for name, possible in found if not possible) else ""
    return SecondHop(bool(found) and all(possible for _name, possible in found), f"{logon}{without}")


__all__ = ["SecondHop", "of_psrp", "of_winrm"]
