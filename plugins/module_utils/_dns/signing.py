# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who signs a message: nobody, a shared key, or a Kerberos session with the server.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from .exchange import Endpoint
from .library import dns

if TYPE_CHECKING:
    from dns.message import Message

    from .tsig import TsigKey


class Signer(Protocol):
    """Signs messages to one server after the other."""

    kerberos: bool
    """Whether rights hang on an account, as in AD."""

    signs: bool
    """Whether an answer has to be signed too."""

    def sign(self, message: Message, endpoint: Endpoint) -> None:
        """Have the message signed when it is put on the wire. Raises DnsError when there is nothing to sign with."""

    def renew(self) -> bool:
        """Forget the session after the server forgot it; False when there is none, so that sending again is of no use."""


class NoSigner:
    """Leaves messages unsigned."""

    kerberos = False
    signs = False

    def sign(self, message: Message, endpoint: Endpoint) -> None:
        """Nothing to do."""

    def renew(self) -> bool:
        """There is no session."""
        return False


class KeySigner:
    """Signs with a shared key (RFC 8945)."""

    kerberos = False
    signs = True

    def __init__(self, key: TsigKey) -> None:
        self._key = key

    def sign(self, message: Message, endpoint: Endpoint) -> None:
        """The same key for every server."""
        del endpoint
        algorithm = getattr(dns.tsig, self._key.algorithm.upper().replace("-", "_"))
        message.use_tsig(dns.tsig.Key(dns.name.from_text(self._key.name), self._key.secret, algorithm))

    def renew(self) -> bool:
        """A shared key does not get better by being used again."""
        return False
