# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A security context with a server, whatever library provides it.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from typing import Protocol

from ..wire import Seal


class SecurityContext(Seal, Protocol):
    """The negotiation with a server, and afterwards the encryption. Every method raises DirectoryError."""

    @property
    def protocol(self) -> str:
        """The protocol that was negotiated, kerberos or ntlm."""

    @property
    def complete(self) -> bool:
        """Whether the negotiation is complete on this side."""

    @property
    def account(self) -> str | None:
        """The account that the library used, None if it does not tell."""

    def step(self, token: bytes | None) -> bytes | None:
        """Return the next token for the server, given its last token; None if it needs none."""

    def require_protection(self) -> None:
        """Raise DirectoryError if the negotiated context does not encrypt."""


__all__ = ["SecurityContext"]
