# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A directory of the lab's own on a loopback address, and clients that others wrote: ldap3, and pyspnego for what it seals."""

from __future__ import annotations

import os
import socket
import struct
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import ldap3
import pytest
import spnego
from ldap3.operation.delete import delete_operation
from ldap3.operation.search import search_operation
from ldap3.protocol import rfc4511
from pyasn1.codec.ber import decoder, encoder

from winlab.directory.accounts import DirectoryAccount, Settings
from winlab.directory.client import VerifiedTls
from winlab.directory.server import DirectoryServer
from winlab.directory.tree import Tree

DOMAIN, HOST = "corp.lab", "dc1.corp.lab"
CONTAINER = "CN=Activation Objects,CN=Microsoft SPP,CN=Services,CN=Configuration,DC=corp,DC=lab"
PASSWORDS = {"boss": "Boss-Passw0rd!", "reader": "Reader-Passw0rd!", "blind": "Blind-Passw0rd!"}
PORT, TLS_PORT = 10389, 10636


def address(number: int = 1) -> str:
    """An address that no other clone and no other worker has."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    return f"127.66.{int(os.environ.get('WINOPS_TEST_NETWORK', '41'))}.{10 * worker + number}"


def settings(**changes: Any) -> Settings:
    accounts = {
        "boss": DirectoryAccount("boss", PASSWORDS["boss"], "admin"),
        "reader": DirectoryAccount("reader", PASSWORDS["reader"], "reader"),
        "blind": DirectoryAccount("blind", PASSWORDS["blind"], "none"),
        "gone": DirectoryAccount("gone", "Gone-Passw0rd!", "admin", "disabled"),
    }
    return Settings(**{"domain": DOMAIN, "forest": DOMAIN, "host": HOST, "address": address(), "port": PORT, "tls_port": TLS_PORT,
                       "accounts": accounts, **changes})  # fmt: skip


def values(partial_key: str = "ABCDE", **changes: Any) -> dict[str, Any]:
    """The attributes of an activation object; those that are None are left out."""
    made = {
        "msSPP-KMSIds": [uuid.uuid4().bytes_le, uuid.uuid4().bytes_le], "msSPP-CSVLKSkuId": uuid.uuid4().bytes_le,
        "msSPP-CSVLKPid": "03612-00206-000-000000-03-1033-20348.0000-0012026", "msSPP-CSVLKPartialProductKey": partial_key,
    }  # fmt: skip
    made |= {f"msSPP-{name}": value for name, value in changes.items()}
    return {name: value for name, value in made.items() if value is not None}


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., DirectoryServer]]:
    """Runs a directory; the arguments change its settings, or those of the tree."""
    running: list[DirectoryServer] = []

    def start(*, schema: int = 69, container: bool = True, **changes: Any) -> DirectoryServer:
        tree = Tree(DOMAIN, schema=schema, container=container)
        tree.add_domain(DOMAIN)
        server = DirectoryServer(settings(**changes), tree, tmp_path / "directory")
        running.append(server)
        server.start()
        return server

    yield start
    close_all()
    for server in running:
        server.stop()


@pytest.fixture
def directory(serve: Callable[..., DirectoryServer]) -> DirectoryServer:
    return serve()


_OPEN: list[Any] = []


def opened(connection: Any) -> Any:
    """A connection of ldap3 that the test closes at its end, also one that was never open: ldap3 leaves its socket behind."""
    _OPEN.append(connection)
    return connection


def close_all() -> None:
    while _OPEN:
        if (sock := _OPEN.pop().socket) is not None:
            sock.close()


def open_tls(directory: DirectoryServer, user: str = "", *, password: str | None = None, ca: Path | None = None, name: str = HOST) -> Any:
    """A connection of ldap3 over TLS, with verification, that is not bound."""
    tls = VerifiedTls(ca or directory.authority.path, name)
    server = ldap3.Server(directory.settings.address, TLS_PORT, use_ssl=True, tls=tls, get_info=ldap3.NONE, connect_timeout=3)
    known = PASSWORDS.get(user, "") if password is None else password
    full = f"{user}@{DOMAIN}" if user in PASSWORDS and password is None else user
    return opened(ldap3.Connection(server, full or None, known or None, receive_timeout=5, auto_referrals=False))


@pytest.fixture
def log_on(directory: DirectoryServer) -> Callable[[str], Any]:
    """A bound connection of an account."""

    def connect(user: str) -> Any:
        connection = open_tls(directory, user)
        assert connection.bind(), connection.result
        return connection

    return connect


class SealedClient:
    """LDAP with GSS-SPNEGO and NTLM, sealed; messages are those of ldap3, the security context is pyspnego's."""

    def __init__(self, host: str, user: str, password: str, **options: Any) -> None:
        self._socket = socket.create_connection((host, PORT), timeout=5)
        self.sent, self.received, self.plain = b"", b"", b""
        """What crossed the wire, and what that was before it was sealed and after."""
        self.context = spnego.client(user, password, hostname=HOST, service="ldap", **{
            "protocol": "negotiate", "options": spnego.NegotiateOptions.use_negotiate,
            "context_req": spnego.ContextReq.default | spnego.ContextReq.confidentiality | spnego.ContextReq.integrity, **options,
        })  # fmt: skip
        self._number = 0

    def close(self) -> None:
        self._socket.close()

    def _message(self, name: str, content: Any) -> bytes:
        self._number += 1
        message = rfc4511.LDAPMessage()
        message["messageID"] = self._number
        message["protocolOp"] = rfc4511.ProtocolOp().setComponentByName(name, content)
        return bytes(encoder.encode(message))

    def _send(self, data: bytes) -> None:
        self.sent += data
        self._socket.sendall(data)

    def _receive(self) -> bytes:
        data = self._socket.recv(65536)
        self.received += data
        return data

    def bind(self, mechanism: str = "GSS-SPNEGO") -> int:
        """The result code of the logon."""
        token = self.context.step()
        while True:
            request = rfc4511.BindRequest()
            request["version"], request["name"] = 3, ""
            sasl = rfc4511.SaslCredentials()
            sasl["mechanism"], sasl["credentials"] = mechanism, rfc4511.Credentials(token)
            request["authentication"] = rfc4511.AuthenticationChoice().setComponentByName("sasl", sasl)
            self._send(self._message("bindRequest", request))
            answer = decoder.decode(self._receive(), asn1Spec=rfc4511.LDAPMessage())[0]["protocolOp"].getComponent()
            if answer["serverSaslCreds"].isValue and not self.context.complete:
                token = self.context.step(bytes(answer["serverSaslCreds"]))
            if int(answer["resultCode"]) != 14:
                return int(answer["resultCode"])

    def search(self, base: str = CONTAINER) -> list[str]:
        """The names of the activation objects."""
        content = search_operation(base, "(objectClass=msSPP-ActivationObject)", "LEVEL", "NEVER", ["cn"], 0, 0, False, None, None)
        return [str(found["object"]) for found in self._ask("searchRequest", content) if "object" in found]

    def delete(self, name: str) -> int:
        (answer,) = self._ask("delRequest", delete_operation(name))
        return int(answer["resultCode"])

    def _ask(self, name: str, content: Any) -> list[Any]:
        message = self._message(name, content)
        token = self.context.wrap(message).data
        self._send(struct.pack(">I", len(token)) + token)
        raw = self._receive()
        found, data = [], bytes(self.context.unwrap(raw[4:]).data)
        self.plain += message + data
        while data:
            message, data = decoder.decode(data, asn1Spec=rfc4511.LDAPMessage())
            found.append(message["protocolOp"].getComponent())
        return found


@pytest.fixture
def sealed(directory: DirectoryServer) -> Iterator[Callable[..., SealedClient]]:
    """A client that seals, not bound yet."""
    clients: list[SealedClient] = []

    def make(user: str = "reader", password: str | None = None, **options: Any) -> SealedClient:
        clients.append(SealedClient(directory.settings.address, f"CORP\\{user}", password or PASSWORDS[user], **options))
        return clients[-1]

    yield make
    for client in clients:
        client.close()
