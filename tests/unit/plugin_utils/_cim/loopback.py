# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small HTTP server that stands for the WinRM listener of one machine, for tests of the real client libraries."""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

USER = "LabAdmin"
PASSWORD = "Lab-Passw0rd!"
ADDRESS = "127.41.17.1"
SOAP = "application/soap+xml;charset=UTF-8"
_BASIC = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()


@dataclass
class Http:
    """One HTTP answer; with `drop` the connection is closed instead, after the request was read. `missing` bytes never come."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": SOAP})
    drop: bool = False
    missing: int = 0


class Listener:
    """Answers authenticated requests by a function of the request's body, others by 401; counts both."""

    def __init__(self) -> None:
        self.answer: Callable[[bytes], Http] = lambda _: Http()
        self.bodies: list[bytes] = []
        self.paths: list[str] = []
        self.tunnel = Http(status=405)
        """The answer to CONNECT, by which clients ask a proxy for a way to somebody else."""
        self.refused = 0
        self.connections = 0
        self.given_up = threading.Event()
        self.timer = 0.0
        """Seconds a connection with missing bytes stays open, unless `given_up` is set."""
        self._server = ThreadingHTTPServer((ADDRESS, 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        listener = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                super().setup()
                listener.connections += 1

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                if self.headers.get("Authorization") != _BASIC:
                    listener.refused += 1
                    return self._send(Http(status=401, headers={"WWW-Authenticate": 'Basic realm="WSMAN"'}))
                listener.bodies.append(body)
                listener.paths.append(self.path)
                return self._send(listener.answer(body))

            def do_CONNECT(self) -> None:
                self.close_connection = True
                self._send(listener.tunnel)

            def _send(self, answer: Http) -> None:
                if answer.drop:
                    self.close_connection = True
                    return
                headers = {**answer.headers, "Content-Length": str(len(answer.body) + answer.missing)}
                lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
                self.wfile.write(f"HTTP/1.1 {answer.status} Answer\r\n{lines}\r\n".encode() + answer.body)
                if answer.missing:
                    listener.given_up.wait(listener.timer)
                    self.close_connection = True

            def log_message(self, *_: Any) -> None:
                """The test's output is not its place."""

        return Handler
