# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kerberos as WinRM accepts it under Negotiate and Kerberos, bare or wrapped in SPNEGO, on pyspnego's acceptor (needs gssapi).

The keys of all machines are in one keytab, which GSSAPI finds by the environment variable KRB5_KTNAME. A machine accepts tickets only
for its own name, short or with a domain: it could not decrypt those for another computer.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import spnego
import spnego.exceptions

from winlab.protocol.ntlm import Refused
from winlab.protocol.sealing import NotSealed

_MECHANISMS = (bytes.fromhex("06092a864886f712010202"), bytes.fromhex("06092a864882f712010202"))
"""Kerberos 5 in DER, and the form that Windows sends first in SPNEGO ([MS-SPNG] 2.2.1)."""
_SPNEGO = bytes.fromhex("06062b0601050502")
_BEGINNING = 200
"""Bytes in which a first message lists its mechanisms."""
_SERVICE_OF_TICKET = re.compile(rb"\xa0\x03\x02\x01[\x01-\x03]\xa1.\x30.\x1b.(?:HTTP|host|WSMAN)\x1b(?P<length>.)", re.DOTALL)
"""PrincipalName of two parts in DER (RFC 4120, 5.2.2), which stands in a ticket in clear. Lengths below 128 have one byte."""


def use_keytab(keytab: Path, folder: Path) -> None:
    """Accept tickets for the names in a keytab. `folder` gets what GSSAPI remembers against replays.

    Raises OSError if there is no keytab.
    """
    keytab.open("rb").close()
    os.environ.update(KRB5_KTNAME=f"FILE:{keytab}", KRB5RCACHEDIR=str(folder))


def is_kerberos(token: bytes) -> bool:
    """Whether a client's first message is a ticket, or prefers one."""
    beginning = token[:_BEGINNING]
    ntlm = beginning.find(bytes.fromhex("060a2b06010401823702020a"))
    return any((place := beginning.find(mechanism)) >= 0 and (ntlm < 0 or place < ntlm) for mechanism in _MECHANISMS)


def host_of_ticket(token: bytes) -> str | None:
    """The name of the computer that the ticket in a first message is for, in lower case; None if no service of WinRM is named."""
    found = _SERVICE_OF_TICKET.search(token)
    if found is None:
        return None
    return token[found.end() : found.end() + found["length"][0]].decode("ascii", "replace").casefold()


class KerberosContext:
    """One handshake and, when complete, the keys of the connection."""

    def __init__(self, password_of: Callable[[str], str | None], computer: str) -> None:
        self._password_of = password_of
        self._computer = computer.casefold()
        self._context: spnego.ContextProxy | None = None
        self.user: str | None = None

    @property
    def complete(self) -> bool:
        return self.user is not None

    def step(self, token: bytes) -> bytes | None:
        """Take a client's message, give the answer to it; raises :class:`Refused`."""
        try:
            if self._context is None:
                if (host_of_ticket(token) or "").partition(".")[0] != self._computer:
                    raise Refused
                wrapped = _SPNEGO in token[:20]
                options = spnego.NegotiateOptions.use_negotiate if wrapped else spnego.NegotiateOptions.none
                self._context = spnego.server(protocol="negotiate" if wrapped else "kerberos", options=options)
            answer: bytes | None = self._context.step(token)
        except (spnego.exceptions.SpnegoError, AttributeError, ValueError, KeyError, ImportError):
            # AttributeError: pyspnego asks a context that gssapi does not have when the ticket cannot be decrypted.
            raise Refused from None
        if self._context.complete:
            self.user = self._account(str(self._context.client_principal))
        return answer

    def _account(self, principal: str) -> str:
        """The account of a principal: one of the domain that is named like the realm, or one that the machine lists with its realm.

        Raises :class:`Refused` if the machine has none.
        """
        name, _at, realm = principal.partition("@")
        user = f"{realm}\\{name}"
        if "/" in name or (self._password_of(user) is None and self._password_of(principal) is None):
            raise Refused
        return user

    def seal(self, plain: bytes) -> tuple[bytes, bytes]:
        """Signature and encrypted message."""
        assert self._context is not None
        result = self._context.wrap_winrm(plain)
        return result.header, result.data

    def unseal(self, signature: bytes, sealed: bytes) -> bytes:
        """The plain message; raises NotSealed."""
        assert self._context is not None
        try:
            plain: bytes = self._context.unwrap_winrm(signature, sealed)
            return plain
        except spnego.exceptions.SpnegoError:
            raise NotSealed from None
