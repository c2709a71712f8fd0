# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The messages of NTLM for a proxy, from pyspnego, which execution environments have for WinRM.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Kerberos is not used: it needs a ticket, and a name server and a KDC, whose time the deadline of a task does not limit.
"""

from __future__ import annotations

from ..settings import HttpProxy

try:
    import spnego
except ImportError:  # the module says so if a proxy requires it
    HAS_SPNEGO = False
else:
    HAS_SPNEGO = True


class NtlmError(Exception):
    """The challenge of the proxy is not a message of NTLM."""


class NtlmMessages:
    """The messages on one connection: a first one, and the answer to the challenge of the proxy."""

    def __init__(self, proxy: HttpProxy) -> None:
        # Its own implementation in Python does not use the network.
        only = spnego.NegotiateOptions.use_ntlm
        self._context = spnego.client(proxy.username, proxy.password, proxy.endpoint.host, "HTTP", protocol="ntlm", options=only)

    def first(self) -> bytes:
        """Return the first message, which has no user name."""
        return self._context.step() or b""

    def answer(self, challenge: bytes) -> bytes:
        """Return the answer to a challenge. Raises NtlmError."""
        try:
            return self._context.step(challenge) or b""
        except Exception as error:  # noqa: BLE001 - pyspnego raises errors of many kinds for bytes that are not NTLM
            raise NtlmError(type(error).__name__) from None
