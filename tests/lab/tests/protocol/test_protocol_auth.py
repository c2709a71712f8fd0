# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may in, over what, and what the machine answers to everybody else."""

from __future__ import annotations

import base64
import http.client
import socket
import ssl
from collections.abc import Callable
from typing import Any

import pytest
from winrm.exceptions import InvalidCredentialsError, WinRMTransportError
from winrm.protocol import Protocol

from winlab.protocol import sealing

PASSWORD = "Wire-Passw0rd!"
IDENTIFY = (
    '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Header/><s:Body>'
    '<i:Identify xmlns:i="http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd"/></s:Body></s:Envelope>'
)


def basic(user: str = "LabAdmin", password: str = PASSWORD) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def post(machine: Any, headers: dict[str, str], ca: Any = None, **parts: Any) -> tuple[int, list[str], bytes]:
    """Status, offers and body of one request on a connection of its own."""
    if ca is None:
        connection = http.client.HTTPConnection(machine.address, machine.listen.http_port, timeout=10)
    else:
        context = ssl.create_default_context(cafile=ca)
        connection = http.client.HTTPSConnection(machine.address, machine.listen.https_port, timeout=10, context=context)
    try:
        method, path = parts.get("method", "POST"), parts.get("path", "/wsman")
        connection.request(method, path, parts.get("body", IDENTIFY), {"Content-Type": "application/soap+xml;charset=UTF-8", **headers})
        answer = connection.getresponse()
        return answer.status, answer.headers.get_all("WWW-Authenticate") or [], answer.read()
    finally:
        connection.close()


def client(machine: Any, scheme: str = "http", **options: Any) -> Protocol:
    port = machine.listen.http_port if scheme == "http" else machine.listen.https_port
    settings = {"transport": "ntlm", "username": "LabAdmin", "password": PASSWORD, **options}
    return Protocol(f"{scheme}://{machine.address}:{port}/wsman", **settings)


def send(protocol: Protocol) -> bytes:
    try:
        answer: bytes = protocol.transport.send_message(IDENTIFY)
        return answer
    finally:
        protocol.transport.close_session()


def test_without_credentials_the_machine_offers_what_it_allows_here(tiny: Callable[..., Any], wire: Callable[..., Any]) -> None:
    strict, loose, no_ntlm = tiny(), tiny(allow_unencrypted=True), tiny(ntlm=False, allow_unencrypted=True)
    ca = wire(strict, loose, no_ntlm).service.authority.path
    assert post(strict, {})[:2] == (401, ["Negotiate"])
    assert post(strict, {}, ca)[:2] == (401, ["Negotiate", 'Basic realm="WSMAN"'])
    assert post(loose, {})[:2] == (401, ["Negotiate", 'Basic realm="WSMAN"'])
    assert post(no_ntlm, {})[:2] == (401, ['Basic realm="WSMAN"'])


def test_basic_works_over_tls_and_over_http_only_where_unencrypted_traffic_is_allowed(
    tiny: Callable[..., Any], wire: Callable[..., Any]
) -> None:
    strict, loose, none = tiny(), tiny(allow_unencrypted=True), tiny(basic=False, allow_unencrypted=True)
    ca = wire(strict, loose, none).service.authority.path
    assert post(strict, basic(), ca)[0] == 200
    assert post(strict, basic())[0] == 401
    assert post(loose, basic())[0] == 200
    assert post(none, basic(), ca)[0] == 401


@pytest.mark.parametrize(
    "header",
    [
        basic(password="wrong"),
        basic(user="Nobody"),
        {"Authorization": "Basic ???"},
        {"Authorization": "Basic TGFiQWRtaW4="},
        {"Authorization": "Negotiate ???"},
        {"Authorization": "Negotiate TlRMTVNTUAADAAAA"},
        {"Authorization": "Negotiate " + base64.b64encode(b"NTLMSSP\0\x09\0\0\0" + bytes(64)).decode()},
        {"Authorization": "Negotiate YIIBAAYGKwYBBQUC"},
        {"Authorization": "Kerberos YII="},
    ],
)
def test_wrong_credentials_and_broken_tokens_are_refused(
    tiny: Callable[..., Any], wire: Callable[..., Any], header: dict[str, str]
) -> None:
    machine = tiny(allow_unencrypted=True)
    running = wire(machine)
    status, offers, body = post(machine, header)
    assert (status, offers, body) == (401, ["Negotiate", 'Basic realm="WSMAN"'], b"")
    counters = running.endpoint(machine).counters
    assert (counters.requests, counters.auth_requests) == (0, 1)


def test_other_paths_and_methods_are_not_served(tiny: Callable[..., Any], wire: Callable[..., Any]) -> None:
    machine = tiny(allow_unencrypted=True)
    wire(machine)
    assert post(machine, basic(), path="/other")[0] == 404
    assert post(machine, basic(), method="GET", body=None)[0] == 405


def test_a_client_that_waits_for_a_word_before_it_sends_its_body_gets_it(tiny: Callable[..., Any], wire: Callable[..., Any]) -> None:
    machine = tiny(allow_unencrypted=True)
    wire(machine)
    head = f"POST /wsman HTTP/1.1\r\nHost: x\r\nAuthorization: {basic()['Authorization']}\r\nContent-Length: {len(IDENTIFY)}\r\n"
    with socket.create_connection((machine.address, 5985), timeout=10) as connection:
        connection.sendall(f"{head}Expect: 100-continue\r\n\r\n".encode())
        assert connection.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(IDENTIFY.encode())
        assert connection.recv(1000).startswith(b"HTTP/1.1 200 OK\r\n")


@pytest.mark.parametrize("user", ["LabAdmin", "labadmin", "WIRE01\\LabAdmin", "LabAdmin@lab.example"])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_ntlm_takes_the_forms_of_a_user_name(
    tiny: Callable[..., Any], wire: Callable[..., Any], scheme: str, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = tiny()
    monkeypatch.setattr(machine, "password_of", lambda name: PASSWORD if "labadmin" in name.lower() else None)
    running = wire(machine)
    assert b"IdentifyResponse" in send(client(machine, scheme, username=user, ca_trust_path=str(running.service.authority.path)))
    counters = running.endpoint(machine).counters
    assert (counters.requests, counters.tcp_connections) == (1, 1)


def test_ntlm_refuses_a_wrong_password_and_an_unknown_user(tiny: Callable[..., Any], wire: Callable[..., Any]) -> None:
    machine = tiny()
    wire(machine)
    for wrong in ({"password": "wrong"}, {"username": "Nobody"}):
        with pytest.raises(InvalidCredentialsError):
            send(client(machine, **wrong))


def test_the_same_user_may_have_different_passwords_on_different_machines(
    tiny: Callable[..., Any], wire: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = tiny(), tiny()
    monkeypatch.setattr(second, "password_of", lambda _user: "Other")
    wire(first, second)
    assert send(client(first))
    assert send(client(second, password="Other"))
    for machine, password in ((first, "Other"), (second, PASSWORD)):
        with pytest.raises(InvalidCredentialsError):
            send(client(machine, password=password))


def test_a_plain_body_after_ntlm_over_http_is_refused_unless_unencrypted_traffic_is_allowed(
    tiny: Callable[..., Any], wire: Callable[..., Any]
) -> None:
    strict, loose = tiny(), tiny(allow_unencrypted=True)
    running = wire(strict, loose)
    with pytest.raises(WinRMTransportError) as refused:
        send(client(strict, message_encryption="never"))
    assert (refused.value.code, refused.value.response_text) == (500, "")
    assert running.endpoint(strict).counters.requests == 0
    assert b"IdentifyResponse" in send(client(loose, message_encryption="never"))


def test_a_sealed_body_without_its_context_is_refused(tiny: Callable[..., Any], wire: Callable[..., Any]) -> None:
    machine = tiny(allow_unencrypted=True)
    wire(machine)
    sealed = {"Content-Type": sealing.content_type(sealing.SPNEGO)}
    assert post(machine, sealed, body="--Encrypted Boundary\r\n")[0] == 401
    assert post(machine, {**sealed, **basic()}, body="--Encrypted Boundary\r\n")[::2] == (400, b"")


@pytest.mark.parametrize(("old", "new"), [("SPNEGO", "Kerberos"), ("SPNEGO", "CredSSP"), ("Encrypted Boundary", "boundary")])
def test_a_body_sealed_in_another_form_is_no_medium_it_knows(
    tiny: Callable[..., Any], wire: Callable[..., Any], old: str, new: str
) -> None:
    machine = tiny(allow_unencrypted=True)
    wire(machine)
    other = {"Content-Type": sealing.content_type(sealing.SPNEGO).replace(old, new)}
    assert post(machine, {**other, **basic()}, body="--Encrypted Boundary\r\n")[::2] == (415, b"")


class Backwards:
    """A stand-in for a security context whose seal anybody can check."""

    def seal(self, plain: bytes) -> tuple[bytes, bytes]:
        return b"S" * 16, plain[::-1]

    def unseal(self, signature: bytes, sealed: bytes) -> bytes:
        if signature != b"S" * 16:
            raise sealing.NotSealed
        return sealed[::-1]


def test_a_sealed_message_opens_again_even_when_it_holds_the_boundary() -> None:
    plain = b"a--Encrypted Boundary\r\nb" * 3
    reversed_boundary = plain + b"yradnuoB detpyrcnE--"
    for message in (plain, reversed_boundary):
        assert sealing.unseal(sealing.seal(message, Backwards()), Backwards()) == message


@pytest.mark.parametrize(("old", "new"), [(b"Length=5", b"Length=6"), (b"SSSS", b"TTTT"), (b"Length=5", b"Length="), (b"octet", b"text")])
def test_a_changed_sealed_message_is_refused(old: bytes, new: bytes) -> None:
    sealed = sealing.seal(b"hello", Backwards())
    assert old in sealed
    with pytest.raises(sealing.NotSealed):
        sealing.unseal(sealed.replace(old, new, 1), Backwards())


def test_each_machine_has_a_certificate_of_the_labs_authority_for_its_address(tiny: Callable[..., Any], wire: Callable[..., Any]) -> None:
    first, second = tiny(), tiny()
    ca = wire(first, second).service.authority.path
    for machine in (first, second):
        assert post(machine, basic(), ca)[0] == 200
    with pytest.raises(ssl.SSLCertVerificationError):
        post(first, basic(), ssl.get_default_verify_paths().cafile)
