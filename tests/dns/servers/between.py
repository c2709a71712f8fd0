# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What may stand between a task and its name server. The servers stay real.

It holds updates back, loses their answers, or takes them elsewhere.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

from server_process import LOOPBACK

from .base import NameServer

OPCODE_UPDATE = 5
WAIT_SECONDS = 60.0


class Between:
    """Passes DNS messages over TCP on; `port` is where tasks go."""

    def __init__(
        self,
        queries: int,
        updates: int,
        before_update: Callable[[], object] = lambda: None,
        keeps_answer: Callable[[], bool] = lambda: False,
    ) -> None:
        self._ports = {False: queries, True: updates}
        self._before_update = before_update
        self._keeps_answer = keeps_answer
        self._listener = socket.create_server((LOOPBACK, 0), backlog=64)
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Take no more connections."""
        # A thread in accept() would keep the port alive.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        servers: dict[bool, socket.socket] = {}
        with client, contextlib.suppress(OSError, threading.BrokenBarrierError), contextlib.ExitStack() as open_servers:
            while message := _read(client):
                update = ((message[2] >> 3) & 0x0F) == OPCODE_UPDATE
                if update:
                    self._before_update()
                if update not in servers:
                    servers[update] = open_servers.enter_context(socket.create_connection((LOOPBACK, self._ports[update])))
                servers[update].sendall(_framed(message))
                answer = _read(servers[update])
                if update and self._keeps_answer():
                    return
                client.sendall(_framed(answer))


def _read(stream: socket.socket) -> bytes:
    """One message without the two octets of its length; nothing when the other side is done."""
    with stream.dup() as mine, mine.makefile("rb") as file:
        return file.read(int.from_bytes(file.read(2), "big"))


def _framed(message: bytes) -> bytes:
    return len(message).to_bytes(2, "big") + message


@contextlib.contextmanager
def _running(between: Between) -> Iterator[int]:
    try:
        yield between.port
    finally:
        between.close()


def held_until(writers: int, server: NameServer) -> AbstractContextManager[int]:
    """A port before the server where no update goes on before so many writers have read and want to write."""
    gate, opened = threading.Barrier(writers), threading.Event()

    def wait() -> None:
        if not opened.is_set():
            gate.wait(WAIT_SECONDS)
            opened.set()

    return _running(Between(server.port, server.port, wait))


def overtaken(server: NameServer, by: Callable[[], object]) -> AbstractContextManager[int]:
    """A port before the server where something else is done between what the first writer reads and what it writes."""
    waiting = [by]

    def once() -> None:
        if waiting:
            waiting.pop()()

    return _running(Between(server.port, server.port, once))


def cut_off(server: NameServer) -> AbstractContextManager[int]:
    """A port before the server where the answer to the first update is lost, after the server took it."""
    lost: list[bool] = []

    def once() -> bool:
        lost.append(True)
        return len(lost) == 1

    return _running(Between(server.port, server.port, keeps_answer=once))


@contextlib.contextmanager
def dying(port: int, updates: int) -> Iterator[int]:
    """A port before a server that takes so many updates, keeps back the answer to the last of them, and is gone from then on."""
    taken: list[bool] = []

    def is_last() -> bool:
        taken.append(True)
        if len(taken) == updates:
            between.close()
        return len(taken) == updates

    between = Between(port, port, keeps_answer=is_last)
    with _running(between) as front:
        yield front


def split(queries: NameServer, updates: NameServer) -> AbstractContextManager[int]:
    """A port where queries reach one server and updates another, as behind a careless load balancer."""
    return _running(Between(queries.port, updates.port))
