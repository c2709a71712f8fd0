# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How simulated machines ask a directory: LDAP over TLS with ldap3, at the lab's own directory or at a real domain controller."""

from __future__ import annotations

import ssl
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import ldap3
import ldap3.core.exceptions

from winlab.directory.names import escape

ACTIVATION_OBJECTS = "CN=Activation Objects,CN=Microsoft SPP,CN=Services"
CLASS = "msSPP-ActivationObject"
_NAMES = ("cn", "displayName", "msSPP-KMSIds", "msSPP-CSVLKSkuId", "msSPP-CSVLKPid", "msSPP-CSVLKPartialProductKey", "whenCreated")
_CONNECT_SECONDS = 3
_ANSWER_SECONDS = 10
UNREACHABLE, LOGON_FAILED = -1, 49
Result = TypeVar("Result")


class DirectoryFailure(Exception):
    """A directory said no: its result code, or UNREACHABLE."""

    def __init__(self, code: int, text: str = "") -> None:
        super().__init__(text or str(code))
        self.code = code


@dataclass(frozen=True)
class Target:
    """A domain controller: its DNS name, which its certificate is for, where it listens for LDAP over TLS, and whose CA signed."""

    host: str
    address: str
    tls_port: int
    ca_file: Path


class VerifiedTls(ldap3.Tls):  # type: ignore[misc]
    """TLS as Python verifies it by itself, for a name that is not the address. That of ldap3 leaves sockets open when a name is wrong."""

    def __init__(self, ca_file: Path, host: str) -> None:
        super().__init__(validate=ssl.CERT_REQUIRED, ca_certs_file=str(ca_file))
        self._context = ssl.create_default_context(cafile=str(ca_file))
        self._host = host

    def wrap_socket(self, connection: Any, do_handshake: bool = False) -> None:
        """Put the socket of a connection into TLS; raises OSError."""
        connection.socket = self._context.wrap_socket(connection.socket, server_hostname=self._host, do_handshake_on_connect=do_handshake)


@dataclass(frozen=True)
class FoundObject:
    """An activation object as a client reads it."""

    name: str
    dn: str
    kms_ids: frozenset[str]
    sku_id: str
    extended_pid: str
    partial_key: str


@dataclass
class DirectoryClient:
    """One account at one domain controller. Its connection is kept, and made anew when it has ended."""

    target: Target
    user: str
    password: str = field(repr=False)
    _connection: Any = field(default=None, repr=False)
    _configuration: str = ""

    def objects(self) -> list[FoundObject]:
        """The activation objects that the account may read; raises DirectoryFailure, code 32 where there is no container."""
        return self._run(self._search)

    def add(self, name: str, attributes: Mapping[str, Sequence[bytes | str] | bytes | str]) -> str:
        """Add an activation object; returns its DN. Raises DirectoryFailure."""
        return self._run(lambda connection: self._add(connection, name, attributes))

    def close(self) -> None:
        """End the connection."""
        if self._connection is not None:
            self._connection.unbind()
            self._connection = None

    def _run(self, work: Callable[[Any], Result]) -> Result:
        kept = self._connection is not None
        try:
            return work(self._connected())
        except ldap3.core.exceptions.LDAPExceptionError as error:
            self._connection = None
            if not kept:
                raise DirectoryFailure(UNREACHABLE, str(error)) from None
        try:
            return work(self._connected())
        except ldap3.core.exceptions.LDAPExceptionError as error:
            self._connection = None
            raise DirectoryFailure(UNREACHABLE, str(error)) from None

    def _connected(self) -> Any:
        if self._connection is None:
            self._connection = self._connect()
        return self._connection

    def _connect(self) -> Any:
        target = self.target
        server = ldap3.Server(
            target.address,
            target.tls_port,
            use_ssl=True,
            tls=VerifiedTls(target.ca_file, target.host),
            get_info=ldap3.NONE,
            connect_timeout=_CONNECT_SECONDS,
        )
        connection = ldap3.Connection(server, self.user, self.password, receive_timeout=_ANSWER_SECONDS, auto_referrals=False)
        try:
            if not connection.bind():
                failure = DirectoryFailure(int(connection.result["result"]), str(connection.result["message"]))
                connection.unbind()
                raise failure
        except ldap3.core.exceptions.LDAPExceptionError:
            if connection.socket is not None:
                connection.socket.close()
            raise
        found = self._asked(connection, "", "(objectClass=*)", ldap3.BASE, ["configurationNamingContext"])
        self._configuration = found[0]["attributes"]["configurationNamingContext"][0]
        return connection

    @staticmethod
    def _asked(connection: Any, base: str, test: str, scope: str, names: Sequence[str]) -> list[dict[str, Any]]:
        connection.search(base, test, scope, attributes=list(names), paged_size=None if scope == ldap3.BASE else 100)
        found = list(connection.response or ())
        while (cookie := _cookie(connection)) and connection.result["result"] == 0:
            connection.search(base, test, scope, attributes=list(names), paged_size=100, paged_cookie=cookie)
            found += connection.response or ()
        if connection.result["result"] != 0:
            raise DirectoryFailure(int(connection.result["result"]), str(connection.result["message"]))
        return [entry for entry in found if entry["type"] == "searchResEntry"]

    def _search(self, connection: Any) -> list[FoundObject]:
        base = f"{ACTIVATION_OBJECTS},{self._configuration}"
        found = self._asked(connection, base, f"(objectClass={CLASS})", ldap3.LEVEL, _NAMES)
        objects = sorted(found, key=lambda entry: (bytes(*entry["raw_attributes"].get("whenCreated") or [b""]), entry["dn"]))
        return [made for entry in objects if (made := read_object(str(entry["dn"]), entry["raw_attributes"])) is not None]

    def _add(self, connection: Any, name: str, attributes: Mapping[str, Any]) -> str:
        dn = f"CN={escape(name)},{ACTIVATION_OBJECTS},{self._configuration}"
        if not connection.add(dn, CLASS, dict(attributes)):
            raise DirectoryFailure(int(connection.result["result"]), str(connection.result["message"]))
        return dn


def _cookie(connection: Any) -> bytes | None:
    control = (connection.result.get("controls") or {}).get("1.2.840.113556.1.4.319")
    return None if control is None else control["value"]["cookie"]


def read_object(dn: str, raw: Mapping[str, Sequence[bytes]]) -> FoundObject | None:
    """The object, None for one without the attributes that it must have, which the account may not read."""
    try:
        return FoundObject(
            (raw.get("displayName") or raw["cn"])[0].decode(), dn,
            frozenset(str(uuid.UUID(bytes_le=value)) for value in raw["msSPP-KMSIds"]),
            str(uuid.UUID(bytes_le=raw["msSPP-CSVLKSkuId"][0])), raw["msSPP-CSVLKPid"][0].decode(),
            raw["msSPP-CSVLKPartialProductKey"][0].decode(),
        )  # fmt: skip
    except (KeyError, IndexError, ValueError):
        return None
