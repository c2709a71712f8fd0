# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers that mean harm, on loopback addresses: each sends what its behavior yields, and counts what it could send."""

from __future__ import annotations

import os
import re
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

NETWORK = os.environ.get("WINOPS_TEST_NETWORK", "41")
ADDRESS = f"127.{NETWORK}.31.1"
_LENGTH = re.compile(rb"(?im)^content-length: *(\d+)")


@dataclass(frozen=True)
class Request:
    """One request as it came."""

    head: bytes
    body: bytes

    def header(self, name: str) -> str:
        """A header, "" when it is not there."""
        found = re.search(rb"(?im)^" + name.encode() + rb": *([^\r\n]*)", self.head)
        return found.group(1).decode() if found else ""


class HangUp(Exception):
    """Raised by a behavior: close the connection now."""


Behavior = Callable[[Request], Iterable[bytes]]


class Listener:
    """Answers every request on its port by a behavior, piece by piece, `pace` seconds apart."""

    def __init__(self, behavior: Behavior, pace: float = 0.0) -> None:
        self.behavior = behavior
        self.pace = pace
        self.sent = 0
        self.requests: list[Request] = []
        self._ended = threading.Event()
        self._open: list[socket.socket] = []
        self._server = socket.create_server((ADDRESS, 0), backlog=64)
        self.port = int(self._server.getsockname()[1])
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop; connections that are still open are reset."""
        self._ended.set()
        for opened in (self._server, *self._open):
            with suppress(OSError):
                opened.shutdown(socket.SHUT_RDWR)
            opened.close()
        self._thread.join(5)

    def _accept(self) -> None:
        while not self._ended.is_set():
            try:
                opened, _ = self._server.accept()
            except OSError:
                return
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 64 * 1024)
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._open.append(opened)
            threading.Thread(target=self._serve, args=(opened,), daemon=True).start()

    def _serve(self, opened: socket.socket) -> None:
        with opened, suppress(OSError, HangUp):
            while (request := read_request(opened)) is not None:
                self.requests.append(request)
                for piece in self.behavior(request):
                    opened.sendall(piece)
                    self.sent += len(piece)
                    if self._ended.wait(self.pace) if self.pace else self._ended.is_set():
                        return


def read_request(opened: socket.socket) -> Request | None:
    """The next request of a connection, or the next answer; None at its end."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = opened.recv(65536)
        if not more:
            return None
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    length = _LENGTH.search(head)
    while len(body) < (int(length.group(1)) if length else 0):
        more = opened.recv(65536)
        if not more:
            return None
        body += more
    return Request(head, body)


@contextmanager
def listening(behavior: Behavior, pace: float = 0.0) -> Iterator[Listener]:
    """A listener that ends with its block."""
    listener = Listener(behavior, pace)
    try:
        yield listener
    finally:
        listener.close()


__all__ = ["ADDRESS", "NETWORK", "Behavior", "HangUp", "Listener", "Request", "listening", "read_request"]
