# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The machine at the other end of a connection, and how the account logs on to it.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PeerAddress:
    """The address of the machine in messages, and the inventory variables to check if the connection fails."""

    endpoint: str
    user: str
    method: str
    """Authentication method, such as "ntlm"."""
    logon_hint: str
    trust_hint: str
    trust_switch: str
    """The variable whose value "ignore" disables the validation of the certificate."""
    proxy_variable: str
    """The inventory variable that sets a proxy."""
    binding_variable: str = ""
    """The inventory variable that disables channel binding."""
    is_bound: bool | None = None
    """Whether a logon is bound to the TLS certificate of the machine; None without TLS, and for methods without channel binding."""
    has_empty_password: bool = False

    @property
    def trust_steps(self) -> tuple[str, ...]:
        """Return the steps to trust the certificate, or to disable its validation in tests."""
        return self.trust_hint, f"{self.trust_switch}: ignore disables the validation of the certificate. Use this value only for tests."


__all__ = ["PeerAddress"]
