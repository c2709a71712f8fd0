# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Message encryption of WinRM over HTTP: multipart/encrypted around a security context (MS-WSMV 2.2.9.1)."""

from __future__ import annotations

import struct
from abc import ABC, abstractmethod
from typing import Protocol

import spnego
import spnego.exceptions

_BOUNDARY = b"--Encrypted Boundary"
SPNEGO = "application/HTTP-SPNEGO-session-encrypted"
KERBEROS = "application/HTTP-Kerberos-session-encrypted"
"""The form after a logon with the scheme Kerberos of HTTP; tickets under Negotiate have that of SPNEGO."""
CREDSSP = "application/HTTP-CredSSP-session-encrypted"
LARGEST_PART = 16384
"""Bytes of a message that one part by CredSSP holds."""
_END = _BOUNDARY + b"--\r\n"
_OCTETS = b"\tContent-Type: application/octet-stream\r\n"


class Sealed(Protocol):
    """What a complete security context can do."""

    def seal(self, plain: bytes) -> tuple[bytes, bytes]: ...

    def unseal(self, signature: bytes, sealed: bytes) -> bytes: ...


class NotSealed(Exception):
    """The body is not what the context sealed."""


class Refused(Exception):
    """Wrong credentials or a broken token; `status` is the NTSTATUS of an account that cannot log on."""

    def __init__(self, status: int | None = None) -> None:
        super().__init__()
        self.status = status


class Accounts(Protocol):
    """Who may log on."""

    def password_of(self, user: str) -> str | None: ...

    def refusal_of(self, user: str) -> int | None: ...


class SecurityContext(ABC):
    """One handshake and, when complete, the keys of the connection, over a context of pyspnego."""

    forms: tuple[str, ...] = (SPNEGO,)
    """In which forms its messages may be encrypted."""

    def __init__(self) -> None:
        self._context: spnego.ContextProxy | None = None
        self.user: str | None = None

    @property
    def complete(self) -> bool:
        return self.user is not None

    @property
    def delegates(self) -> bool:
        """Whether the client gave something that the machine can log on elsewhere with."""
        return False

    @property
    def established(self) -> spnego.ContextProxy:
        """What wraps and unwraps messages."""
        assert self._context is not None
        return self._context

    @abstractmethod
    def step(self, token: bytes) -> bytes | None:
        """Take a client's message, give the answer to it; raises :class:`Refused`."""

    def seal(self, plain: bytes) -> tuple[bytes, bytes]:
        """Signature and encrypted message."""
        result = self.established.wrap_winrm(plain)
        return result.header, result.data

    def unseal(self, signature: bytes, sealed: bytes) -> bytes:
        """The plain message; raises NotSealed."""
        try:
            plain: bytes = self.established.unwrap_winrm(signature, sealed)
            return plain
        except spnego.exceptions.SpnegoError:
            raise NotSealed from None


def is_sealed(content_type: str) -> bool:
    """Whether a request claims to be encrypted."""
    return content_type.lower().startswith(("multipart/encrypted", "multipart/x-multi-encrypted"))


def content_type(protocol: str, length: int = 0, header: str = "usual") -> str:
    """The header of a message in this form. One by CredSSP that is long has several parts (MS-WSMV 2.2.9.1.3).

    `other` is a header that no document has (winlab.truths).
    """
    kind = "multipart/x-multi-encrypted" if protocol == CREDSSP and length > LARGEST_PART else "multipart/encrypted"
    boundary = {"usual": "Encrypted Boundary", "other": "Encrypted-Boundary-2"}[header]
    return f'{kind};protocol="{protocol}";boundary="{boundary}"'


def protocol_of(header: str, context: SecurityContext | None) -> str | None:
    """The form of a message by its Content-Type, None for one that the context does not have. Such a form was reported to get HTTP 415."""
    here = (SPNEGO,) if context is None else context.forms
    plain = header.replace("; ", ";")
    return next((form for form in here if plain in (content_type(form), content_type(form, LARGEST_PART + 1))), None)


def unseal(body: bytes, context: Sealed, protocol: str = SPNEGO) -> bytes:
    """The plain message; raises NotSealed."""
    before, *parts = body.split(_BOUNDARY + b"\r\n\tContent-Type: " + protocol.encode() + b"\r\n")
    if before.strip() or not parts or not parts[-1].endswith(_END):
        raise NotSealed
    parts[-1] = parts[-1].removesuffix(_END)
    return b"".join(_unseal_part(part, context) for part in parts)


def _unseal_part(part: bytes, context: Sealed) -> bytes:
    header, boundary, payload = part.partition(_BOUNDARY + b"\r\n")
    if not boundary or not payload.startswith(_OCTETS):
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
    """The encrypted body."""
    size = LARGEST_PART if protocol == CREDSSP else len(plain) or 1
    parts = (plain[start : start + size] for start in range(0, len(plain) or 1, size))
    return b"".join(_seal_part(part, context, protocol) for part in parts) + _END


def _seal_part(plain: bytes, context: Sealed, protocol: str) -> bytes:
    """One part. Its headers start with a tab: clients cut them off by these very bytes."""
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
        )
    )
