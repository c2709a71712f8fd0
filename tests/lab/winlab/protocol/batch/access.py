# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whom a proxy lets through: everybody, a name and password by Basic, or an account by NTLM, alone or inside Negotiate.

NTLM lets a connection through and not a request, so its state is one of each connection.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field

from winlab.protocol.ntlm import AccountFiles, NtlmContext
from winlab.protocol.sealing import Accounts, Refused

DOMAIN = "LAB"
"""The domain of the account by NTLM, which may be left out."""

_NTLM = b"NTLMSSP\0"


@dataclass(frozen=True)
class Account:
    """Who may use a proxy."""

    user: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class Refusal:
    """407 with these Proxy-Authenticate values. `keeps`: the client can go on with its handshake on this connection."""

    offers: tuple[str, ...]
    keeps: bool = False


Check = Callable[[str], "str | Refusal"]
"""Takes the Proxy-Authorization header of a request, or an empty text; returns the user, or why it is not let through."""
Access = Callable[[], Check]
"""Begins a connection."""


def everybody() -> Check:
    """No name is needed."""
    return lambda _header: ""


def basic(account: Account) -> Access:
    """Name and password in every request."""
    refusal = Refusal(('Basic realm="proxy"',))
    return lambda: lambda header: account.user if _is_meant(account, header) else refusal


def _is_meant(account: Account, header: str) -> bool:
    scheme, _, credentials = header.partition(" ")
    try:
        given = base64.b64decode(credentials, validate=True)
    except (binascii.Error, ValueError):
        return False
    return scheme.lower() == "basic" and hmac.compare_digest(given, f"{account.user}:{account.password}".encode())


def windows(account: Account, files: AccountFiles) -> Access:
    """NTLM messages under the name NTLM, or under Negotiate as they are or in SPNEGO, and nothing else."""

    return lambda: _Handshake(files, _One(account)).check


@dataclass(frozen=True)
class _One:
    """The one account of a proxy, with or without its domain."""

    account: Account

    def password_of(self, user: str) -> str | None:
        return self.account.password if user in (self.account.user, f"{DOMAIN}\\{self.account.user}") else None

    def refusal_of(self, _user: str) -> int | None:
        return None


class _Handshake:
    """The handshake of one connection. A message under another name, or after a failure, begins nothing: the client connects again."""

    _OFFERS = Refusal(("Negotiate", "NTLM"))

    def __init__(self, files: AccountFiles, accounts: Accounts) -> None:
        self._context = NtlmContext(files, accounts)
        self._scheme = ""

    def check(self, header: str) -> str | Refusal:
        """What becomes of the next request."""
        scheme, _, text = header.partition(" ")
        if scheme.lower() not in ("negotiate", "ntlm") or self._scheme not in ("", scheme):
            return self._OFFERS
        self._scheme = scheme
        try:
            token = base64.b64decode(text, validate=True)
            if not token or (scheme.lower() == "ntlm" and not token.startswith(_NTLM)):
                return self._OFFERS
            answer = self._context.step(token)
        except (Refused, binascii.Error, ValueError):
            return self._OFFERS
        if self._context.user is not None:
            return self._context.user
        return Refusal((f"{scheme} {base64.b64encode(answer or b'').decode()}",), keeps=True)
