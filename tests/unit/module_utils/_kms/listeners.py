# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Listeners on real sockets that do what hosts do to a probe, and write down every octet that reached them."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

ADDRESS = "127.41.18.1"
OTHER_ADDRESS = "127.41.18.2"
_PATIENCE = 10.0


class Listener:
    """Takes one connection after the other, sends the pieces of its answer, pausing after each, and reads to the end."""

    def __init__(
        self, *pieces: bytes, reset: bool = False, silent: bool = False, pause: float = 0, address: str = ADDRESS, port: int = 0
    ) -> None:
        self.received: list[bytes] = []
        """What each connection brought, from its start to its end."""
        self._pieces, self._reset, self._silent, self._pause = pieces, reset, silent, pause
        self._socket = socket.create_server((address, port))
        self.port = int(self._socket.getsockname()[1])
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def close(self) -> None:
        """Stop after the connections that were made; what they brought is complete afterwards."""
        self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._socket.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _peer = self._socket.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(_PATIENCE)
                self.received.append(self._talk(connection))

    def _talk(self, connection: socket.socket) -> bytes:
        received = connection.recv(65536)
        if self._reset:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return received
        try:
            for piece in self._pieces:
                connection.sendall(piece)
                time.sleep(self._pause)
            if not self._silent:
                connection.shutdown(socket.SHUT_WR)
            while more := connection.recv(65536):
                received += more
        except OSError:
            # The probe has closed: it has heard enough.
            pass
        return received


@contextmanager
def listening(*pieces: bytes, **how: bool | str | float) -> Iterator[Listener]:
    """A listener for the length of a block."""
    listener = Listener(*pieces, **how)  # type: ignore[arg-type]
    try:
        yield listener
    finally:
        listener.close()


@contextmanager
def nobody_listening() -> Iterator[int]:
    """A port that refuses: it is bound, so that nothing else takes it, and never listened on."""
    with socket.socket() as bound:
        bound.bind((ADDRESS, 0))
        yield int(bound.getsockname()[1])


@contextmanager
def queue_full() -> Iterator[int]:
    """A port on which the kernel drops further connections without a word, as a firewall does."""
    with socket.create_server((ADDRESS, 0), backlog=0) as server:
        port = int(server.getsockname()[1])
        waiting = [socket.socket() for _ in range(4)]
        try:
            for one in waiting:
                one.setblocking(False)
                one.connect_ex((ADDRESS, port))
            yield port
        finally:
            for one in waiting:
                one.close()
