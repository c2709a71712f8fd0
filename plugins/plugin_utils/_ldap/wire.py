# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole messages over a connection: in clear for the steps before the logon, inside TLS, or sealed by a security context.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

After the logon with GSS-SPNEGO, each direction consists of frames: four bytes of length, and a token that contains encrypted bytes of the
LDAP stream (RFC 4422, section 3.7). A frame can have several messages, and a message several frames.
"""

from __future__ import annotations

import ssl
from typing import Protocol

from ...module_utils._deadline import Deadline
from .ber import SEQUENCE, MalformedError, element_size
from .channel import DirectoryChannel
from .errors import DirectoryError
from .messages import Message, read_message

MAX_MESSAGE = 1024 * 1024
"""Maximum size of a message in bytes. An activation object without its license files has less than 10 KiB."""

MAX_ANSWER = 16 * 1024 * 1024
"""Maximum size of everything that a server sends for one request, in bytes."""

_LENGTH = 4


class Seal(Protocol):
    """What encrypts the messages. Both methods raise DirectoryError if bytes were not encrypted or were changed."""

    def wrap(self, data: bytes) -> bytes:
        """Return the token with the encrypted bytes."""

    def unwrap(self, token: bytes) -> bytes:
        """Return the bytes of a token."""


class Wire:
    """The messages of one connection. `peer` names the server in messages about errors."""

    def __init__(self, channel: DirectoryChannel, peer: str, *, max_message: int = MAX_MESSAGE, max_answer: int = MAX_ANSWER) -> None:
        self._channel = channel
        self._peer = peer
        self._max_message = max_message
        self._max_answer = max_answer
        self._left = max_answer
        self._plain = bytearray()
        self._frames = bytearray()
        self._seal: Seal | None = None

    def begin(self) -> None:
        """Start a request, whose answers together can have `MAX_ANSWER` bytes."""
        self._left = self._max_answer

    def seal(self, seal: Seal) -> None:
        """Encrypt everything from now on. Raises DirectoryError if the server sent more bytes before that."""
        self._refuse_early_bytes("before the connection was encrypted")
        self._seal = seal

    def start_tls(self, context: ssl.SSLContext, name: str, deadline: Deadline) -> str:
        """Continue inside TLS, and return its version. Raises DirectoryError if the server sent more bytes before that."""
        self._refuse_early_bytes("before TLS began")
        return self._channel.start_tls(context, name, deadline)

    def send(self, data: bytes, deadline: Deadline) -> None:
        """Send a message."""
        if self._seal is not None:
            token = self._seal.wrap(data)
            data = len(token).to_bytes(_LENGTH, "big") + token
        self._channel.send(data, deadline)

    def receive(self, deadline: Deadline) -> Message:
        """Return the next message. Raises DirectoryError."""
        while True:
            try:
                found = self._next()
            except MalformedError as error:
                raise DirectoryError("directory_malformed_answer", f"{self._peer}: {error}.") from None
            if found is not None:
                return found
            data = self._channel.receive(deadline)
            self._count(len(data))
            if self._seal is None:
                self._plain += data
            else:
                self._frames += data
                self._open_frames(self._seal)

    def close(self) -> None:
        """End the connection."""
        self._channel.close()

    def _next(self) -> Message | None:
        if self._plain[:1] and self._plain[0] != SEQUENCE:
            raise MalformedError("the answer does not begin like a message of LDAP")
        size = element_size(self._plain, self._max_message)
        if size is None or len(self._plain) < size:
            return None
        data = bytes(self._plain[:size])
        del self._plain[:size]
        return read_message(data)

    def _open_frames(self, seal: Seal) -> None:
        while len(self._frames) >= _LENGTH:
            size = int.from_bytes(self._frames[:_LENGTH], "big")
            if not 0 < size <= self._max_answer:
                # A message in clear begins with 30, which would be a frame of 768 MiB.
                in_clear = self._frames[0] == SEQUENCE
                code = "directory_not_sealed" if in_clear else "directory_malformed_answer"
                raise DirectoryError(code, f"{self._peer}: a frame of {size} bytes is not possible.")
            if len(self._frames) < _LENGTH + size:
                return
            self._plain += seal.unwrap(bytes(self._frames[_LENGTH : _LENGTH + size]))
            del self._frames[: _LENGTH + size]

    def _count(self, size: int) -> None:
        self._left -= size
        if self._left < 0:
            raise DirectoryError("directory_too_much_data", f"{self._peer} sent more than {self._max_answer} bytes for one request.")

    def _refuse_early_bytes(self, when: str) -> None:
        if self._plain:
            raise DirectoryError("directory_not_sealed", f"{self._peer} sent bytes {when}.")


__all__ = ["MAX_ANSWER", "MAX_MESSAGE", "Seal", "Wire"]
