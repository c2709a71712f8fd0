# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Over real sockets: what is sent, what is refused before it is sent, and what is called lost."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from ansible_collections.winops.volume_activation.plugins.module_utils._batch.errors import ServiceError
from ansible_collections.winops.volume_activation.plugins.module_utils._batch.message import envelope
from ansible_collections.winops.volume_activation.plugins.module_utils._batch.options import service
from ansible_collections.winops.volume_activation.plugins.module_utils._deadline import Deadline

from .asking import DEFAULTS, LEFT, QUESTION, ask, error_of
from .servers import ADDRESS, OTHER_ADDRESS, Server, answering, certificate, http, serving, soap


def test_the_request_is_the_documented_one(pem: Path) -> None:
    with serving(Server(answering(pem, LEFT))) as server:
        assert ask(server, pem) == 7
    head, _end, body = server.received[0].partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    assert lines[0] == "POST /BatchActivation.asmx HTTP/1.1"
    assert {
        f"Host: {ADDRESS}:{server.port}",
        'Content-Type: text/xml; charset="utf-8"',
        "Accept: text/xml",
        "SOAPAction: http://www.microsoft.com/BatchActivationService/BatchActivate",
        f"Content-Length: {len(body)}",
    } <= set(lines)
    assert body == envelope(QUESTION)


@pytest.mark.parametrize(
    "response",
    [
        b"HTTP/1.1 200 OK\r\n\r\n" + soap("<ActivationRemaining>7</ActivationRemaining>"),
        b"HTTP/1.1 100 Continue\r\n\r\n" + LEFT,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n"
        % (len(soap("<ActivationRemaining>7</ActivationRemaining>")), soap("<ActivationRemaining>7</ActivationRemaining>")),
    ],
    ids=["until the end", "continue", "chunked"],
)
def test_every_usual_form_of_a_response_is_read(pem: Path, response: bytes) -> None:
    with serving(Server(answering(pem, response))) as server:
        assert ask(server, pem) == 7


def test_a_complete_response_is_enough_if_the_connection_stays_open(pem: Path) -> None:
    with serving(Server(answering(pem, LEFT, wait=True))) as server:
        assert ask(server, pem) == 7


@pytest.mark.parametrize(
    ("response", "code"),
    [
        (http(b"", "302 Found", "Location: https://login.example/"), "redirected"),
        (http(b"<html/>", "403 Forbidden"), "request_refused"),
        (http(b"<html/>", "404 Not Found"), "request_refused"),
        (http(b"<html/>", "503 Service Unavailable"), "service_failed"),
        (http(b"<html/>", "200 OK"), "response_invalid"),
        (http(b"", "200 OK", "Content-Encoding: gzip"), "response_invalid"),
        (LEFT[:-40], "response_lost"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "response_lost"),
        (b"", "response_lost"),
        (b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 2_000_000, "response_too_large"),
        (b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 300, "response_lost"),
    ],
)
def test_every_other_response_has_a_name(pem: Path, response: bytes, code: str) -> None:
    with serving(Server(answering(pem, response))) as server:
        error = error_of(server, pem)
    assert error.error_code == code
    assert not error.is_not_sent
    assert len(server.received) == 1


def test_a_fault_with_status_500_is_shown(pem: Path) -> None:
    body = (
        b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault>'
        b"<faultstring>Digest</faultstring></s:Fault></s:Body></s:Envelope>"
    )
    with serving(Server(answering(pem, http(body, "500 Internal Server Error")))) as server:
        error = error_of(server, pem)
    assert (error.error_code, error.is_lost) == ("service_fault", True)
    assert error.detail == "The HTTP status is 500 Internal Server Error. Digest"


def test_a_connection_that_is_reset_after_the_request_is_lost(pem: Path) -> None:
    with serving(Server(answering(pem, reset=True))) as server:
        error = error_of(server, pem)
    assert (error.error_code, error.is_lost) == ("response_lost", True)


def test_a_response_in_single_bytes_has_the_time_of_one_request(pem: Path) -> None:
    with serving(Server(answering(pem, LEFT[:30], wait=True))) as server:
        error = error_of(server, pem, timeout=1)
    assert (error.error_code, error.detail) == ("response_lost", "No complete response arrived in time.")


def test_a_certificate_that_is_not_trusted_ends_it_before_the_request(pem: Path, tmp_path: Path) -> None:
    with serving(Server(answering(pem, LEFT))) as server:
        error = error_of(server, certificate(tmp_path))
    assert (error.error_code, error.is_not_sent) == ("service_untrusted", True)
    assert server.received == [b""]


def test_a_certificate_of_another_name_is_not_trusted(tmp_path: Path) -> None:
    other = certificate(tmp_path, OTHER_ADDRESS)
    with serving(Server(answering(other, LEFT))) as server:
        assert error_of(server, other).error_code == "service_untrusted"
    assert server.received == [b""]


def test_a_service_without_tls_gets_nothing(pem: Path) -> None:
    def plain(connection: socket.socket) -> bytes:
        received = connection.recv(65536)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        return received

    with serving(Server(plain)) as server:
        error = error_of(server, pem)
    assert (error.error_code, error.is_not_sent) == ("service_no_tls", True)
    assert b"POST" not in server.received[0]


def test_nobody_listens(pem: Path) -> None:
    with serving(Server(answering(pem, LEFT))) as server:
        pass
    error = error_of(server, pem)
    assert (error.error_code, error.is_not_sent) == ("service_unreachable", True)
    assert str(server.port) in error.detail


def test_a_name_that_does_not_exist() -> None:
    asked = service({**DEFAULTS, "service_url": "https://batch.invalid/x"}, {})
    with pytest.raises(ServiceError) as raised:
        asked.ask(QUESTION, Deadline.after(20))
    assert (raised.value.error_code, raised.value.is_not_sent) == ("service_unresolved", True)
