# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""CredSSP as WinRM accepts it (MS-CSSP), on pyspnego's acceptor: TLS inside HTTP, NTLM or Kerberos inside that, then the password.

The certificate of the inner TLS is the machine's own and nobody checks it: both sides prove that they see the same key.
"""

from __future__ import annotations

import ssl
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import spnego
import spnego.exceptions
import spnego.tls

from winlab.protocol.sealing import CREDSSP, Accounts, Refused, SecurityContext

_LOGON_FAILURE = 0xC000006D - (1 << 32)
"""STATUS_LOGON_FAILURE as Windows sends it, a signed number."""


@dataclass(frozen=True)
class Relay:
    """Somebody on the way who ends the inner TLS with a key of his own. `answers`: he answers the client's proof, without knowing how."""

    answers: bool


@cache
def _key(_owner: str) -> tuple[bytes, bytes]:
    """Certificate and private key as PEM, and the public key."""
    certificate, secret, public = spnego.tls.generate_tls_certificate()
    return certificate + secret, public


@cache
def _tls(*, tls_1_3: bool, foreign: bool) -> spnego.tls.CredSSPTLSContext:
    """The inner TLS. `foreign`: it has another key than the machine thinks."""
    found = spnego.tls.default_tls_context(usage="accept")
    found.context.maximum_version = ssl.TLSVersion.TLSv1_3 if tls_1_3 else ssl.TLSVersion.TLSv1_2
    with tempfile.NamedTemporaryFile(prefix="winlab-credssp-") as stream:  # the ssl module reads keys from files only
        stream.write(_key("relay" if foreign else "machine")[0])
        stream.flush()
        found.context.load_cert_chain(stream.name)
    found.public_key = _key("machine")[1]
    return found


class _Inner:
    """NTLM or Kerberos as pyspnego's acceptor of CredSSP uses its own contexts."""

    def __init__(self, new_context: Callable[[bytes], SecurityContext], *, forges: bool) -> None:
        self._new_context = new_context
        self._forges = forges
        self._wrapped: SecurityContext | None = None

    @property
    def user(self) -> str | None:
        return None if self._wrapped is None else self._wrapped.user

    @property
    def complete(self) -> bool:
        return self.user is not None

    def step(self, token: bytes) -> bytes | None:
        if self._wrapped is None:
            self._wrapped = self._new_context(token)
        try:
            return self._wrapped.step(token)
        except Refused as refused:
            status = _LOGON_FAILURE if refused.status is None else refused.status - (1 << 32)
            raise spnego.exceptions.SpnegoError(error_code=status) from None

    def wrap(self, data: bytes) -> Any:
        if self._forges:
            data = bytes([data[0] ^ 1]) + data[1:]
        return self._inside().wrap(data)

    def unwrap(self, data: bytes) -> Any:
        return self._inside().unwrap(data)

    def _inside(self) -> Any:
        if self._wrapped is None or not self.complete:
            raise spnego.exceptions.SpnegoError(error_code=_LOGON_FAILURE)
        return self._wrapped.established


class CredsspContext(SecurityContext):
    """CredSSP of one connection."""

    forms = (CREDSSP,)

    def __init__(
        self,
        new_context: Callable[[bytes], SecurityContext],
        accounts: Accounts,
        *,
        tls_1_3: bool,
        relay: Relay | None = None,
    ) -> None:
        super().__init__()
        self._accounts = accounts
        self._inner = _Inner(new_context, forges=relay is not None and relay.answers)
        foreign = relay is not None and not relay.answers
        self._context = spnego.server(
            protocol="credssp", credssp_negotiate_context=self._inner, credssp_tls_context=_tls(tls_1_3=tls_1_3, foreign=foreign)
        )

    @property
    def delegates(self) -> bool:
        return self.complete

    def step(self, token: bytes) -> bytes | None:
        if not token:
            raise Refused
        try:
            answer: bytes | None = self.established.step(token)
        except (spnego.exceptions.SpnegoError, ValueError, KeyError, IndexError, TypeError, ssl.SSLError):
            raise Refused from None
        if self.established.complete:
            self.user = self._delegated()
        elif answer is None:
            raise Refused
        return answer

    def _delegated(self) -> str:
        """The user with whose password the machine logs on; raises :class:`Refused` for another than that of the account."""
        given = self.established.get_extra_info("client_credential")
        user = self._inner.user
        if user is None or getattr(given, "password", None) != self._accounts.password_of(user):
            raise Refused
        return user
