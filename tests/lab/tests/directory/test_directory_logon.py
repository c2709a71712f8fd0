# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who gets into a directory of the lab's own, and how: in TLS, or sealed, and in no other way."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ldap3
import ldap3.core.exceptions
import pytest
import spnego

from winlab.directory.client import VerifiedTls
from winlab.directory.server import DirectoryServer
from winlab.protocol.tls import Authority

from .directory_clients import CONTAINER, DOMAIN, HOST, PASSWORDS, PORT, SealedClient, open_tls, opened, values

ROOT_ONLY = ("configurationNamingContext", "dnsHostName", "currentTime", "supportedSASLMechanisms", "supportedControl")


def in_clear(directory: DirectoryServer, user: str | None = None, password: str | None = None, **tls: Any) -> Any:
    server = ldap3.Server(directory.settings.address, PORT, get_info=ldap3.NONE, connect_timeout=3, **tls)
    return opened(ldap3.Connection(server, user, password, receive_timeout=5))


@pytest.mark.parametrize("name", [f"reader@{DOMAIN}", "CORP\\reader", "corp.lab\\Reader", "CN=reader,CN=Users,DC=corp,DC=lab"])
def test_a_simple_bind_inside_tls_takes_the_names_of_active_directory(directory: DirectoryServer, name: str) -> None:
    connection = open_tls(directory, name, password=PASSWORDS["reader"])
    assert connection.bind()
    assert connection.extend.standard.who_am_i() == "u:CORP\\reader"


@pytest.mark.parametrize(
    ("name", "password", "data"),
    [
        (f"reader@{DOMAIN}", "wrong", "52e"), (f"nobody@{DOMAIN}", "wrong", "525"), ("reader", PASSWORDS["reader"], "52e"),
        ("OTHER\\reader", PASSWORDS["reader"], "525"), (f"gone@{DOMAIN}", "Gone-Passw0rd!", "533"),
    ],
)  # fmt: skip
def test_what_is_wrong_about_a_logon_stands_in_the_text(directory: DirectoryServer, name: str, password: str, data: str) -> None:
    connection = open_tls(directory, name, password=password)
    assert not connection.bind()
    assert connection.result["result"] == 49
    assert f"data {data}," in connection.result["message"]


def test_a_name_without_a_password_is_no_logon(directory: DirectoryServer) -> None:
    connection = open_tls(directory)
    connection.open()
    assert connection.bind()
    connection.user, connection.authentication, connection.password = f"reader@{DOMAIN}", ldap3.SIMPLE, ""
    with pytest.raises(ldap3.core.exceptions.LDAPPasswordIsMandatoryError):
        connection.bind()


def test_a_simple_bind_in_clear_is_refused_after_it_was_sent(directory: DirectoryServer) -> None:
    connection = in_clear(directory, f"reader@{DOMAIN}", PASSWORDS["reader"])
    assert not connection.bind()
    assert (connection.result["result"], connection.result["message"]) == (8, "BindSimple: Transport encryption required.")


def test_start_tls_protects_the_connection_that_it_is_sent_on(directory: DirectoryServer) -> None:
    connection = in_clear(directory, f"reader@{DOMAIN}", PASSWORDS["reader"], tls=VerifiedTls(directory.authority.path, HOST))
    connection.open()
    assert connection.start_tls()
    assert connection.bind()
    assert connection.search(CONTAINER, "(objectClass=*)", ldap3.BASE)


def test_the_certificate_is_for_the_name_and_not_for_the_address(directory: DirectoryServer, tmp_path: Path) -> None:
    for ca, name in ((None, directory.settings.address), (None, "dc2.corp.lab"), (Authority(tmp_path / "other").path, HOST)):
        with pytest.raises(ldap3.core.exceptions.LDAPSocketOpenError):
            open_tls(directory, "reader", ca=ca, name=name).bind()


def test_anonymous_clients_read_the_root_and_nothing_else(directory: DirectoryServer) -> None:
    connection = in_clear(directory)
    assert connection.bind()
    assert connection.search("", "(objectClass=*)", ldap3.BASE, attributes=list(ROOT_ONLY))
    root = connection.response[0]["attributes"]
    assert root["configurationNamingContext"] == ["CN=Configuration,DC=corp,DC=lab"]
    assert root["dnsHostName"] == [HOST]
    assert not connection.search(CONTAINER, "(objectClass=*)", ldap3.BASE)
    assert connection.result["result"] == 1
    assert not connection.delete(CONTAINER)
    assert connection.result["result"] == 1


def test_ntlm_in_spnego_seals_everything_after_the_logon(
    directory: DirectoryServer, sealed: Callable[..., SealedClient], log_on: Any
) -> None:
    assert log_on("boss").add(f"CN=Sealed,{CONTAINER}", "msSPP-ActivationObject", values())
    client = sealed("boss")
    assert client.bind() == 0
    assert client.search() == [f"CN=Sealed,{CONTAINER}"]
    assert client.delete(f"CN=Sealed,{CONTAINER}") == 0
    assert client.search() == []
    for word in (b"msSPP", b"Activation Objects", b"Sealed"):
        assert word in client.plain
        assert word not in client.sent + client.received
    assert {noted["security"] for noted in directory.book.operations if noted["kind"] == "search"} == {"ntlm sealed"}


def test_a_wrong_password_is_refused_over_ntlm(sealed: Callable[..., SealedClient]) -> None:
    client = sealed("reader", "wrong")
    assert client.bind() == 49
    assert b"data 52e," in client.received


def test_an_account_that_is_disabled_is_refused_over_ntlm(directory: DirectoryServer) -> None:
    client = SealedClient(directory.settings.address, "CORP\\gone", "Gone-Passw0rd!")
    assert client.bind() == 49
    client.close()


def test_a_logon_that_does_not_seal_is_refused(sealed: Callable[..., SealedClient]) -> None:
    assert sealed("reader", context_req=spnego.ContextReq.mutual_auth).bind() == 8
    assert sealed("reader", context_req=spnego.ContextReq.integrity | spnego.ContextReq.no_integrity).bind() == 8


def test_other_mechanisms_are_not_there(sealed: Callable[..., SealedClient]) -> None:
    assert sealed("reader").bind("DIGEST-MD5") == 7


def test_sasl_inside_tls_is_refused(directory: DirectoryServer, sealed: Callable[..., SealedClient]) -> None:
    client = sealed("reader")
    context = ssl.create_default_context(cafile=str(directory.authority.path))
    plain = socket.create_connection((directory.settings.address, directory.settings.tls_port), timeout=5)
    client.close()
    client._socket = context.wrap_socket(plain, server_hostname=HOST)
    assert client.bind() == 53


def test_bytes_that_nobody_sealed_end_the_connection(sealed: Callable[..., SealedClient]) -> None:
    client = sealed("reader")
    assert client.bind() == 0
    client._send(b"\0\0\0\x20" + bytes(32))
    assert client._receive() == b""


@pytest.mark.parametrize(
    "data", [b"GET / HTTP/1.1\r\n\r\n", b"\x30\x84\x7f\xff\xff\xff", b"\x30\x05\x02\x01\x01\x63\x00", b"\x30\x80", b"\x30\x00"]
)
def test_what_is_no_ldap_ends_the_connection(directory: DirectoryServer, data: bytes) -> None:
    with socket.create_connection((directory.settings.address, PORT), timeout=5) as client:
        client.sendall(data)
        assert client.recv(100) == b""


def test_a_directory_that_stopped_starts_again_with_what_it_had(directory: DirectoryServer, log_on: Any) -> None:
    connection = log_on("boss")
    assert connection.add(f"CN=Kept,{CONTAINER}", "msSPP-ActivationObject", values())
    directory.stop()
    with pytest.raises(ldap3.core.exceptions.LDAPSocketOpenError):
        open_tls(directory, "boss").bind()
    directory.start()
    assert log_on("boss").search(CONTAINER, "(cn=Kept)", ldap3.LEVEL)
