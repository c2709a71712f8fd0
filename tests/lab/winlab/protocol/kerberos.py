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
from pathlib import Path
from typing import Any

import spnego
import spnego.channel_bindings
import spnego.exceptions

from winlab.protocol.channel_binding import ChannelBinding
from winlab.protocol.sealing import KERBEROS, SPNEGO, Accounts, Refused, SecurityContext

_MECHANISMS = (bytes.fromhex("06092a864886f712010202"), bytes.fromhex("06092a864882f712010202"))
"""Kerberos 5 in DER, and the form that Windows sends first in SPNEGO ([MS-SPNG] 2.2.1)."""
_SPNEGO = bytes.fromhex("06062b0601050502")
_CHANNEL_BOUND = 0x800
"""GSS_C_CHANNEL_BOUND_FLAG."""
_BEGINNING = 200
"""Bytes in which a first message lists its mechanisms."""
WINRM = ("HTTP", "host", "WSMAN")
"""Services of WinRM in a ticket."""
_SERVICE_OF_TICKET = re.compile(rb"\xa0\x03\x02\x01[\x01-\x03]\xa1.\x30.\x1b.(?P<service>HTTP|host|WSMAN|ldap)\x1b(?P<length>.)", re.DOTALL)
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


def host_of_ticket(token: bytes, *services: str) -> str | None:
    """The name of the computer that the ticket in a first message is for, in lower case; None if none of these services is named.

    Without services: those of WinRM.
    """
    found = _SERVICE_OF_TICKET.search(token)
    if found is None or found["service"].decode() not in (services or WINRM):
        return None
    return token[found.end() : found.end() + found["length"][0]].decode("ascii", "replace").casefold()


def _is_bound(context: Any) -> bool:
    """Whether the client showed the bindings that were expected, which GSSAPI says in a flag of its own context."""
    inner = context
    while not hasattr(inner, "actual_flags"):
        inner = inner._context
    return bool(int(inner.actual_flags) & _CHANNEL_BOUND)


class KerberosContext(SecurityContext):
    """Kerberos of one connection; `binding` is that of its TLS."""

    forms = (SPNEGO, KERBEROS)

    def __init__(self, accounts: Accounts, computer: str, binding: ChannelBinding | None = None, service: str = "") -> None:
        super().__init__()
        self._accounts = accounts
        self._computer = computer.casefold()
        self._binding = binding
        self._services = (service,) if service else WINRM

    @property
    def delegates(self) -> bool:
        return self.complete and bool(self.established.context_attr & spnego.ContextReq.delegate)

    def step(self, token: bytes) -> bytes | None:
        try:
            if self._context is None:
                if (host_of_ticket(token, *self._services) or "").partition(".")[0] != self._computer:
                    raise Refused
                self._context = self._new_context(token)
            answer: bytes | None = self._context.step(token)
        except (spnego.exceptions.SpnegoError, AttributeError, ValueError, KeyError, ImportError):
            # AttributeError: pyspnego asks a context that gssapi does not have when the ticket cannot be decrypted or has other bindings.
            raise Refused from None
        if self._context.complete:
            if self._binding is not None and self._binding.is_required and not _is_bound(self._context):
                raise Refused
            self.user = self._account(str(self._context.client_principal))
        return answer

    def _new_context(self, token: bytes) -> spnego.ContextProxy:
        wrapped = _SPNEGO in token[:20]
        expected = None
        if self._binding is not None and self._binding.is_checked:
            # GSSAPI refuses other bindings, and takes a client without any (MIT Kerberos since 1.19).
            expected = spnego.channel_bindings.GssChannelBindings(application_data=self._binding.application_data)
        return spnego.server(
            protocol="negotiate" if wrapped else "kerberos",
            options=spnego.NegotiateOptions.use_negotiate if wrapped else spnego.NegotiateOptions.none,
            channel_bindings=expected,
        )

    def _account(self, principal: str) -> str:
        """The account of a principal: one of the domain that is named like the realm, or one that the machine lists with its realm.

        Raises :class:`Refused` if the machine has none.
        """
        name, _at, realm = principal.partition("@")
        user = f"{realm}\\{name}"
        accounts = self._accounts
        known = next((form for form in (user, principal) if accounts.password_of(form) is not None), None)
        if "/" in name or known is None:
            raise Refused
        return known
