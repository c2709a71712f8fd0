# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signers of messages: none, a shared key, or a Kerberos session with the server.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from .exchange import NameServer
from .library import dns

if TYPE_CHECKING:
    from dns.message import Message

    from .tsig import TsigKey


class Signer(Protocol):
    """Signer of messages to one server after the other."""

    kerberos: bool
    """Whether permissions belong to an account, as in AD."""

    signs: bool
    """Whether a response must be signed too."""

    def sign(self, message: Message, endpoint: NameServer) -> None:
        """Set up the message so that it is signed when it is sent. Raises DnsError if it cannot be signed."""

    def renew(self) -> bool:
        """Discard the session that the server does not have any more. Return False if there is no session, so a retry does not help."""


class NoSigner:
    """A signer that leaves messages unsigned."""

    kerberos = False
    signs = False

    def sign(self, message: Message, endpoint: NameServer) -> None:
        """Leave the message unchanged."""

    def renew(self) -> bool:
        """Return False, because there is no session."""
        return False


class KeySigner:
    """A signer with a shared key (RFC 8945)."""

    kerberos = False
    signs = True

    def __init__(self, key: TsigKey) -> None:
        self._key = key

    def sign(self, message: Message, endpoint: NameServer) -> None:
        """Sign with the same key for every server."""
        del endpoint
        algorithm = getattr(dns.tsig, self._key.algorithm.upper().replace("-", "_"))
        message.use_tsig(dns.tsig.Key(dns.name.from_text(self._key.name), self._key.secret, algorithm))

    def renew(self) -> bool:
        """Return False, because a retry with the same key does not help."""
        return False
