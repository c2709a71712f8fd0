# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A security context of pyspnego: Kerberos through gssapi and krb5, or NTLM in Python.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

The protocol is always named. The protocol negotiate of pyspnego would use NTLM without saying so where Kerberos fails.
"""

from __future__ import annotations

from typing import Any

from ..errors import DirectoryError, DirectoryLogonError
from ..options import Logon
from .explain import LogonExplanation
from .library import krb5, spnego

_SERVICE = "ldap"


class SpnegoContext:
    """A context for one connection. `who` names the account and the server in messages."""

    account: str | None = None

    def __init__(self, logon: Logon, server: str, who: str) -> None:
        """Get a ticket, or the credentials for one. Raises DirectoryError."""
        self.protocol = logon.authentication
        self._who = who
        request = spnego.ContextReq
        self._required = request.integrity | request.confidentiality
        flags = self._required | request.mutual_auth | request.replay_detect | request.sequence_detect
        with LogonExplanation(who):
            self.account = _account(logon, who)
            self._context: Any = spnego.client(
                _credentials(logon), hostname=server, service=_SERVICE, protocol=self.protocol, context_req=flags
            )

    @property
    def complete(self) -> bool:
        """Whether the negotiation is complete on this side."""
        return bool(self._context.complete)

    def step(self, token: bytes | None) -> bytes | None:
        """Return the next token for the server."""
        with LogonExplanation(self._who):
            answer: bytes | None = self._context.step(token)
        return answer

    def require_protection(self) -> None:
        """Raise DirectoryError if the context does not encrypt, or is of another protocol than the task named."""
        if self._context.negotiated_protocol != self.protocol:
            raise DirectoryLogonError("directory_logon_failed", f"{self._who}: {self.protocol} was not negotiated.")
        if self._context.context_attr & self._required != self._required:
            raise DirectoryError("directory_not_sealed", f"{self._who}: the server does not encrypt with {self.protocol}.")

    def wrap(self, data: bytes) -> bytes:
        """Return the token with the encrypted bytes."""
        with LogonExplanation(self._who, "directory_not_sealed"):
            wrapped = self._context.wrap(data, encrypt=True)
        return _encrypted(wrapped, self._who)

    def unwrap(self, token: bytes) -> bytes:
        """Return the bytes of a token."""
        with LogonExplanation(self._who, "directory_not_sealed"):
            unwrapped = self._context.unwrap(token)
        return _encrypted(unwrapped, self._who)


def _encrypted(result: Any, who: str) -> bytes:
    if not result.encrypted:
        raise DirectoryError("directory_not_sealed", f"{who}: a message was signed only.")
    data: bytes = result.data
    return data


def _credentials(logon: Logon) -> Any:
    if logon.password:
        return spnego.Password(logon.principal, logon.password)
    if logon.keytab:
        return spnego.KerberosKeytab(logon.keytab, logon.principal)
    if logon.ccache:
        return spnego.KerberosCCache(logon.ccache, logon.principal)
    return spnego.CredentialCache(logon.principal)


def _account(logon: Logon, who: str) -> str | None:
    """Return the account of the credentials; of a cache or a keytab without principal, the one that is used."""
    if logon.principal or logon.authentication != "kerberos":
        return logon.principal
    session = krb5.init_context()
    if logon.keytab:
        entries = list(krb5.kt_resolve(session, logon.keytab.encode()))
        if not entries:
            raise DirectoryLogonError("directory_no_credentials", f"{who}: the keytab is empty.")
        return _text(entries[0].principal)
    cache = krb5.cc_resolve(session, logon.ccache.encode()) if logon.ccache else krb5.cc_default(session)
    owner = getattr(krb5, "cc_get_principal", None)  # old versions do not have it
    return _text(owner(session, cache)) if owner else None


def _text(principal: Any) -> str:
    name: bytes = principal.name
    return name.decode("utf-8", "replace")


__all__ = ["SpnegoContext"]
