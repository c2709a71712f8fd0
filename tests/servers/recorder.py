# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A relay in front of a server that keeps everything both sides send, and can change what the server sends."""

from __future__ import annotations

import selectors
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from server_process import LOOPBACK

Change = Callable[[bytes], bytes]


def _unchanged(data: bytes) -> bytes:
    return data


class Recorder:
    """The relay; `port` is where clients connect to, on 127.0.0.1. `change` returns what a client gets instead of bytes of the server."""

    def __init__(self, address: str, port: int) -> None:
        self.change: Change = _unchanged
        self._target = (address, port)
        self._listener = socket.create_server((LOOPBACK, 0))
        self.port: int = self._listener.getsockname()[1]
        self._sent = bytearray()
        self._received = bytearray()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    @property
    def recorded(self) -> bytes:
        """All bytes of both directions."""
        return bytes(self._sent + self._received)

    def start(self) -> None:
        """Begin to accept connections."""
        self._thread.start()

    def stop(self) -> None:
        """End it, when the last connection has ended."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                client, _peer = self._listener.accept()
                with client, socket.create_connection(self._target, 10) as server, suppress(OSError):
                    self._relay(client, server)

    def _relay(self, client: socket.socket, server: socket.socket) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(client, selectors.EVENT_READ, (server, self._sent))
            selector.register(server, selectors.EVENT_READ, (client, self._received))
            while True:
                for key, _events in selector.select():
                    source: socket.socket = key.fileobj  # type: ignore[assignment]
                    target, kept = key.data
                    data = source.recv(65536)
                    if not data:
                        return
                    kept += data
                    target.sendall(self.change(data) if source is server else data)


@contextmanager
def recorded(address: str, port: int) -> Iterator[Recorder]:
    """A running relay to a server."""
    recorder = Recorder(address, port)
    recorder.start()
    try:
        yield recorder
    finally:
        recorder.stop()
