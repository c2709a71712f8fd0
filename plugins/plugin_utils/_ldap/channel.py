# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The connection to a server: bytes over TCP, later inside TLS, each with a deadline.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Every exception of the operating system and of TLS becomes an error of this collection here. A connection goes to one address, so that
what is read and what is deleted is on the same domain controller.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from typing import Protocol

from ...module_utils._deadline import Deadline
from ...module_utils._hosts import is_address, with_port
from ...module_utils._resolver import system_addresses
from .errors import DirectoryError, DirectoryUnreachableError, shown
from .tls import handshake_error

_CHUNK = 65536
_FIRST_OF_MANY = 2.0
"""Seconds for an address of a name if another address remains."""


class DirectoryChannel(Protocol):
    """An open connection. Each method raises DirectoryError, and the connection cannot be used afterwards."""

    @property
    def address(self) -> str:
        """The address that was connected to."""

    def send(self, data: bytes, deadline: Deadline) -> None:
        """Send all bytes."""

    def receive(self, deadline: Deadline) -> bytes:
        """Return the next bytes, at least one. Raises DirectoryError at the end of the connection."""

    def start_tls(self, context: ssl.SSLContext, name: str, deadline: Deadline) -> str:
        """Continue inside TLS with the server of this name, and return the version of TLS."""

    def close(self) -> None:
        """End the connection; safe to call twice."""


Connect = Callable[[str, str | None, int, Deadline], DirectoryChannel]
"""Opens a connection to a server, given its name, the address to use instead, the port, and the deadline."""


class SocketChannel:
    """A connection of the operating system. `peer` names the server in messages."""

    def __init__(self, connection: socket.socket, address: str, peer: str) -> None:
        self._socket = connection
        self._peer = peer
        self.address = address

    def send(self, data: bytes, deadline: Deadline) -> None:
        """Send all bytes."""
        try:
            self._prepare(deadline)
            self._socket.sendall(data)
        except OSError as error:
            raise self._lost(error) from None

    def receive(self, deadline: Deadline) -> bytes:
        """Return the next bytes."""
        try:
            self._prepare(deadline)
            data = self._socket.recv(_CHUNK)
        except OSError as error:
            raise self._lost(error) from None
        if not data:
            raise DirectoryError("directory_connection_lost", f"{self._peer} closed the connection.")
        return data

    def start_tls(self, context: ssl.SSLContext, name: str, deadline: Deadline) -> str:
        """Continue inside TLS."""
        try:
            self._prepare(deadline)
            protected = context.wrap_socket(self._socket, server_hostname=name)
        except (OSError, ValueError) as error:  # ValueError: a name that cannot be in a certificate
            raise handshake_error(error, self._peer, name) from None
        self._socket = protected
        return protected.version() or "unknown"

    def close(self) -> None:
        """End the connection."""
        self._socket.close()

    def _prepare(self, deadline: Deadline) -> None:
        seconds = deadline.left()
        if seconds <= 0:
            raise TimeoutError
        self._socket.settimeout(seconds)

    def _lost(self, error: OSError) -> DirectoryError:
        if isinstance(error, TimeoutError):
            return DirectoryError("directory_timeout", f"The server is {self._peer}.")
        return DirectoryError("directory_connection_lost", f"{self._peer}: {shown(error.strerror or type(error).__name__)}.")


def connect(server: str, address: str | None, port: int, deadline: Deadline) -> DirectoryChannel:
    """Open a connection to the first address that accepts one. Raises DirectoryUnreachableError.

    The resolver of the system has a timeout of its own.
    """
    addresses = [address] if address and is_address(address) else _addresses(address or server)
    trouble: DirectoryUnreachableError | None = None
    for index, found in enumerate(addresses):
        peer = with_port(server, port) if found == server else f"{with_port(server, port)} ({found})"
        limit = deadline.within(_FIRST_OF_MANY) if index + 1 < len(addresses) else deadline
        try:
            return SocketChannel(socket.create_connection((found, port), max(limit.left(), 0.001)), found, peer)
        except OSError as error:
            trouble = trouble or _connect_error(error, peer)
    raise trouble or DirectoryUnreachableError("directory_name_not_found", f"The name is {shown(address or server)}.")


def _addresses(name: str) -> list[str]:
    if is_address(name):
        return [name]
    try:
        return system_addresses(name.rstrip("."))
    except OSError as error:
        detail = f"The name is {shown(name)}, and the resolver answered: {shown(error.strerror or str(error))}."
        raise DirectoryUnreachableError("directory_name_not_found", detail) from None


def _connect_error(error: OSError, peer: str) -> DirectoryUnreachableError:
    if isinstance(error, TimeoutError):
        return DirectoryUnreachableError("directory_timeout", f"{peer} did not accept the connection.")
    return DirectoryUnreachableError("directory_unreachable", f"{peer}: {shown(error.strerror or type(error).__name__)}.")


__all__ = ["Connect", "DirectoryChannel", "SocketChannel", "connect"]
