# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Message encryption of WinRM over HTTP: multipart/encrypted around a SPNEGO context (MS-WSMV 2.2.9.1)."""

from __future__ import annotations

import struct
from typing import Protocol

_BOUNDARY = b"--Encrypted Boundary"
SPNEGO = "application/HTTP-SPNEGO-session-encrypted"
KERBEROS = "application/HTTP-Kerberos-session-encrypted"
"""The form after a logon with the scheme Kerberos of HTTP; tickets under Negotiate have that of SPNEGO."""
_OCTETS = b"\tContent-Type: application/octet-stream\r\n"


class Sealed(Protocol):
    """What a complete security context can do."""

    def seal(self, plain: bytes) -> tuple[bytes, bytes]: ...

    def unseal(self, signature: bytes, sealed: bytes) -> bytes: ...


class NotSealed(Exception):
    """The body is not what the context sealed."""


def is_sealed(content_type: str) -> bool:
    """Whether a request claims to be encrypted."""
    return content_type.lower().startswith("multipart/encrypted")


def content_type(protocol: str) -> str:
    """The header of a message in this form."""
    return f'multipart/encrypted;protocol="{protocol}";boundary="Encrypted Boundary"'


def protocol_of(header: str, *, kerberos: bool) -> str | None:
    """The form of a message by its Content-Type, None for one that is not here (CredSSP). Such a form was reported to get HTTP 415."""
    here = (SPNEGO, KERBEROS) if kerberos else (SPNEGO,)
    return next((protocol for protocol in here if header.replace("; ", ";") == content_type(protocol)), None)


def unseal(body: bytes, context: Sealed) -> bytes:
    """The plain message; raises NotSealed."""
    parts = body.split(_BOUNDARY)
    if len(parts) < 4 or parts[0].strip():
        raise NotSealed
    header, payload = parts[1], _BOUNDARY.join(parts[2:-1]).removeprefix(b"\r\n")
    if not payload.startswith(_OCTETS):
        raise NotSealed
    sealed = payload[len(_OCTETS) :]
    try:
        expected = int(header.rpartition(b"Length=")[2].strip())
        (size,) = struct.unpack_from("<i", sealed)
    except (ValueError, struct.error):
        raise NotSealed from None
    plain = context.unseal(sealed[4 : 4 + size], sealed[4 + size :])
    if len(plain) != expected:
        raise NotSealed
    return plain


def seal(plain: bytes, context: Sealed, protocol: str = SPNEGO) -> bytes:
    """The encrypted body. Part headers start with a tab: clients cut them off by these very bytes."""
    signature, sealed = context.seal(plain)
    return b"".join(
        (
            _BOUNDARY,
            b"\r\n\tContent-Type: ",
            protocol.encode(),
            b"\r\n\tOriginalContent: type=application/soap+xml;charset=UTF-8;Length=",
            str(len(plain)).encode(),
            b"\r\n",
            _BOUNDARY,
            b"\r\n",
            _OCTETS,
            struct.pack("<i", len(signature)),
            signature,
            sealed,
            _BOUNDARY,
            b"--\r\n",
        )
    )
