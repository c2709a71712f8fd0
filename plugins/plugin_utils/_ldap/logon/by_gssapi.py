# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A security context of python-gssapi alone: Kerberos where pyspnego or krb5 is not installed, as on Debian.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

import uuid
from typing import Any

from ..errors import DirectoryError
from ..options import Logon
from .explain import LogonExplanation
from .library import gssapi

_SERVICE = "ldap"


class GssapiContext:
    """A context for one connection. `who` names the account and the server in messages."""

    protocol = "kerberos"
    account: str | None = None

    def __init__(self, logon: Logon, server: str, who: str) -> None:
        """Get a ticket, or the credentials for one. Raises DirectoryError."""
        self._who = who
        flags = gssapi.RequirementFlag
        self._required = flags.integrity | flags.confidentiality
        with LogonExplanation(who):
            credentials = _credentials(logon)
            self.account = logon.principal or str(credentials.name)
            self._context: Any = gssapi.SecurityContext(
                name=gssapi.Name(f"{_SERVICE}@{server}", gssapi.NameType.hostbased_service),
                usage="initiate",
                creds=credentials,
                mech=gssapi.MechType.kerberos,
                flags=self._required | flags.mutual_authentication | flags.replay_detection | flags.out_of_sequence_detection,
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
        """Raise DirectoryError if the context does not encrypt."""
        if self._context.actual_flags & self._required != self._required:
            raise DirectoryError("directory_not_sealed", f"{self._who}: the server does not encrypt with Kerberos.")

    def wrap(self, data: bytes) -> bytes:
        """Return the token with the encrypted bytes."""
        with LogonExplanation(self._who, "directory_not_sealed"):
            wrapped = self._context.wrap(data, True)
        return self._encrypted(wrapped)

    def unwrap(self, token: bytes) -> bytes:
        """Return the bytes of a token."""
        with LogonExplanation(self._who, "directory_not_sealed"):
            unwrapped = self._context.unwrap(token)
        return self._encrypted(unwrapped)

    def _encrypted(self, result: Any) -> bytes:
        if not result.encrypted:
            raise DirectoryError("directory_not_sealed", f"{self._who}: a message was signed only.")
        data: bytes = result.message
        return data


def _credentials(logon: Logon) -> Any:
    """Return separate credentials in memory, or those of the specified cache, or those of the process."""
    name: Any = gssapi.Name(logon.principal, gssapi.NameType.kerberos_principal) if logon.principal else None
    if logon.password:
        found = gssapi.raw.acquire_cred_with_password(name, logon.password.encode(), usage="initiate", mechs=[gssapi.MechType.kerberos])
        return gssapi.Credentials(base=found.creds)
    store: dict[str, str] | None = None
    if logon.keytab:
        store = {"client_keytab": f"FILE:{logon.keytab.removeprefix('FILE:')}", "ccache": f"MEMORY:{uuid.uuid4().hex}"}
    elif logon.ccache:
        store = {"ccache": logon.ccache}
    return gssapi.Credentials(usage="initiate", name=name, store=store, mechs=[gssapi.MechType.kerberos])


__all__ = ["GssapiContext"]
