# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A TLS server and an HTTP proxy on real sockets, which do what their test says and write down what reached them."""

from __future__ import annotations

import select
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta, timezone
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

ADDRESS = "127.41.39.1"
OTHER_ADDRESS = "127.41.39.2"
_PATIENCE = 10.0

RESPONSE_XML = (
    '<?xml version="1.0" encoding="utf-16"?><ActivationResponse xmlns="http://www.microsoft.com/DRM/SL/BatchActivationResponse/1.0">'
    "<VersionNumber>2.0</VersionNumber><ResponseType>{kind}</ResponseType><Responses><Response><PID>{pid}</PID>{content}</Response></Responses>"
    "</ActivationResponse>"
)
ENVELOPE = (
    '<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>'
    '<BatchActivateResponse xmlns="http://www.microsoft.com/BatchActivationService"><BatchActivateResult><ResponseXml>{inner}</ResponseXml>'
    "</BatchActivateResult></BatchActivateResponse></soap:Body></soap:Envelope>"
)


def soap(content: str, kind: int = 2, pid: str = "") -> bytes:
    """A response of the service; `content` follows the PID."""
    inner = RESPONSE_XML.format(kind=kind, pid=pid, content=content)
    return ENVELOPE.format(inner=inner.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")).encode()


def http(body: bytes, status: str = "200 OK", *headers: str) -> bytes:
    """An HTTP response with this body."""
    lines = [f"HTTP/1.1 {status}", "Content-Type: text/xml; charset=utf-8", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def certificate(folder: Path, address: str = ADDRESS) -> Path:
    """A file with a new key and a certificate of this address, which is its own certification authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, address)])
    now = datetime.now(timezone.utc)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{address}.pem"
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + private)
    return path


class Server:
    """Serves one connection after the other with `serve`, which returns what reached it."""

    def __init__(self, serve: Callable[[socket.socket], bytes], address: str = ADDRESS) -> None:
        self.received: list[bytes] = []
        self._serve_one = serve
        self._socket = socket.create_server((address, 0))
        self.port = int(self._socket.getsockname()[1])
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def close(self) -> None:
        """Stop after the connections that were made."""
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
                self.received.append(self._serve_one(connection))


@contextmanager
def serving(server: Server) -> Iterator[Server]:
    """The server, until the test ends."""
    try:
        yield server
    finally:
        server.close()


def read_message(connection: socket.socket) -> bytes:
    """The headers, and as many bytes of the body as they announce."""
    message = b""
    while b"\r\n\r\n" not in message:
        message += _more(connection)
    head, _end, body = message.partition(b"\r\n\r\n")
    length = next((int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")), 0)
    while len(body) < length:
        body += _more(connection)
    return head + b"\r\n\r\n" + body


def _more(connection: socket.socket) -> bytes:
    found = connection.recv(65536)
    if not found:
        raise ConnectionError
    return found


def answering(pem: Path, *pieces: bytes, reset: bool = False, wait: bool = False) -> Callable[[socket.socket], bytes]:
    """Serve TLS: read a request, and send the pieces. `reset` ends the connection at once, `wait` only when the client does."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)

    def serve(connection: socket.socket) -> bytes:
        try:
            secured = context.wrap_socket(connection, server_side=True)
        except OSError:
            return b""
        with secured:
            message = read_message(secured)
            with suppress(OSError):
                for piece in pieces:
                    secured.sendall(piece)
                if reset:
                    secured.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                elif wait:
                    secured.recv(1)
                else:
                    secured.unwrap()
            return message

    return serve


def proxying(*refusals: bytes, authorization: str = "", pem: Path | None = None) -> Callable[[socket.socket], bytes]:
    """Serve CONNECT like a proxy; return what was sent until the tunnel was open, or the connection ended.

    The requests get the refusals in turn, on the same connection if they say so, and the last one is for all that follow; with
    `authorization`, a request with this header gets a tunnel. With a certificate, the connection to the proxy itself is encrypted.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if pem:
        context.load_cert_chain(pem)
    waiting = list(refusals)

    def serve(connection: socket.socket) -> bytes:
        if not pem:
            return serve_requests(connection)
        try:
            secured = context.wrap_socket(connection, server_side=True)
        except OSError:
            return b""
        with secured:
            return serve_requests(secured)

    def serve_requests(connection: socket.socket) -> bytes:
        received = b""
        while True:
            try:
                message = read_message(connection)
            except OSError:
                return received
            received += message
            is_let_in = authorization and f"\r\nProxy-Authorization: {authorization}\r\n".encode() in message
            if not waiting or is_let_in:
                _tunnel(connection, message)
                return received
            refusal = waiting.pop(0) if len(waiting) > 1 else waiting[0]
            connection.sendall(refusal)
            if b"Connection: keep-alive" not in refusal:
                return received

    return serve


def _tunnel(connection: socket.socket, message: bytes) -> None:
    """Copy in both directions in one thread, because a TLS connection cannot be used by two."""
    host, _colon, port = message.split()[1].decode().rpartition(":")
    with socket.create_connection((host, int(port)), timeout=_PATIENCE) as onward, suppress(OSError):
        connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        while True:
            pending = isinstance(connection, ssl.SSLSocket) and connection.pending()
            ready = [connection] if pending else select.select([connection, onward], [], [], _PATIENCE)[0]
            for source in ready:
                found = source.recv(65536)
                if not found:
                    return
                (onward if source is connection else connection).sendall(found)
            if not ready:
                return
