# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Over real sockets: what is sent, what is refused before it is sent, and what is called lost."""

from __future__ import annotations

import base64
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.winops.volume_activation.plugins.module_utils._batch.errors import ServiceError
from ansible_collections.winops.volume_activation.plugins.module_utils._batch.message import Question, envelope
from ansible_collections.winops.volume_activation.plugins.module_utils._batch.options import service
from ansible_collections.winops.volume_activation.plugins.module_utils._batch.protocol import SERVICE_URL
from ansible_collections.winops.volume_activation.plugins.module_utils._batch.proxies import ntlm
from ansible_collections.winops.volume_activation.plugins.module_utils._deadline import Deadline

from .servers import ADDRESS, OTHER_ADDRESS, Server, answering, certificate, http, proxying, serving, soap

QUESTION = Question("55041-00140-015-871562-03-1033-7078.0000-0992009")
LEFT = http(soap("<ActivationRemaining>7</ActivationRemaining>"))
DEFAULTS: dict[str, Any] = {
    "service_url": SERVICE_URL,
    "http_proxy": None,
    "http_proxy_username": None,
    "http_proxy_password": None,
    "use_proxy": True,
    "ca_path": None,
    "timeout": 5,
    "deadline": 60,
    "parallel_requests": 1,
}


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for the address of the server."""
    return certificate(tmp_path_factory.mktemp("tls"))


def ask(server: Server, pem: Path, environment: Mapping[str, str] | None = None, **options: Any) -> int | None:
    url = f"https://{ADDRESS}:{server.port}/BatchActivation.asmx"
    asked = service({**DEFAULTS, "service_url": url, "ca_path": str(pem), **options}, environment or {})
    return asked.ask(QUESTION, Deadline.after(20)).remaining


def error_of(server: Server, pem: Path, **options: Any) -> ServiceError:
    with pytest.raises(ServiceError) as raised:
        ask(server, pem, **options)
    return raised.value


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


def proxy_at(proxy: Server, *credentials: str, scheme: str = "http") -> dict[str, Any]:
    """The options for a proxy, with a user name and a password."""
    names = ("http_proxy_username", "http_proxy_password")
    return {"http_proxy": f"{scheme}://{OTHER_ADDRESS}:{proxy.port}", **dict(zip(names, credentials, strict=False))}


def required(*offers: str, more: str = "") -> bytes:
    """407 with these values of Proxy-Authenticate."""
    lines = "".join(f"Proxy-Authenticate: {offer}\r\n" for offer in offers)
    return f"HTTP/1.1 407 Proxy Authentication Required\r\n{lines}{more}Content-Length: 0\r\n\r\n".encode()


def sent_to(proxy: Server) -> list[str]:
    """The credentials of each connection to a proxy, by scheme and message."""
    found = [message.decode().partition("Proxy-Authorization: ")[2].partition("\r\n")[0] for message in proxy.received]
    return ["" if not each else each if each.startswith("Basic") else each.partition(" ")[0] for each in found]


USER = ("me", "secret-7")
BASIC = f"Basic {base64.b64encode(b'me:secret-7').decode()}"
KEEP = "Connection: keep-alive\r\n"


def test_a_proxy_gets_the_user_name_when_it_requires_one(pem: Path) -> None:
    password = f"Basic {base64.b64encode('ansible:p:ä'.encode()).decode()}"
    with (
        serving(Server(answering(pem, LEFT))) as server,
        serving(Server(proxying(required('Basic realm="x"'), authorization=password), OTHER_ADDRESS)) as proxy,
    ):
        assert ask(server, pem, **proxy_at(proxy, "ansible", "p:ä")) == 7
    assert proxy.received[0].decode().split("\r\n")[0] == f"CONNECT {ADDRESS}:{server.port} HTTP/1.1"
    assert sent_to(proxy) == ["", password]
    assert b"Proxy-Authorization" not in server.received[0]


def test_a_proxy_that_lets_everybody_through_does_not_get_the_password(pem: Path) -> None:
    with serving(Server(answering(pem, LEFT))) as server, serving(Server(proxying(), OTHER_ADDRESS)) as proxy:
        assert ask(server, pem, **proxy_at(proxy, *USER)) == 7
    assert sent_to(proxy) == [""]


def test_later_questions_know_what_the_proxy_requires(pem: Path) -> None:
    with (
        serving(Server(answering(pem, LEFT))) as server,
        serving(Server(proxying(required("Basic"), authorization=BASIC), OTHER_ADDRESS)) as proxy,
    ):
        url = f"https://{ADDRESS}:{server.port}/BatchActivation.asmx"
        asked = service({**DEFAULTS, "service_url": url, "ca_path": str(pem), **proxy_at(proxy, *USER)}, {})
        assert [asked.ask(QUESTION, Deadline.after(20)).remaining for _ in range(3)] == [7, 7, 7]
    assert sent_to(proxy) == ["", BASIC, BASIC, BASIC]


def test_the_proxy_of_the_environment_is_used_unless_it_is_exempted(pem: Path) -> None:
    with (
        serving(Server(answering(pem, LEFT))) as server,
        serving(Server(proxying(required("Basic"), authorization=BASIC), OTHER_ADDRESS)) as proxy,
    ):
        environment = {"https_proxy": f"http://me:secret-7@{OTHER_ADDRESS}:{proxy.port}/"}
        assert ask(server, pem, environment) == 7
        assert ask(server, pem, {**environment, "no_proxy": f"other,{ADDRESS}"}) == 7
        assert ask(server, pem, environment, use_proxy=False) == 7
    assert sent_to(proxy) == ["", BASIC]


@pytest.mark.parametrize(
    ("offers", "names", "sent"),
    [
        (("Basic",), "Basic", ["", BASIC]),
        (('Digest realm="x", nonce="a, b"',), "Digest", [""]),
        (("Kerberos",), "Kerberos", [""]),
        (("Negotiate",), "Negotiate", ["", "Negotiate"]),
        (("Negotiate", "NTLM"), "Negotiate, NTLM", ["", "NTLM"]),
        (('Negotiate, Digest qop="auth, auth-int", nonce=abc, ntlm',), "Negotiate, Digest, ntlm", ["", "NTLM"]),
        (("Negotiate", 'Basic realm="x"'), "Negotiate, Basic", ["", "Negotiate", BASIC]),
        ((), None, [""]),
    ],
)
def test_a_proxy_that_requires_another_password_is_explained_with_what_it_offers(
    pem: Path, offers: tuple[str, ...], names: str | None, sent: list[str]
) -> None:
    """The module knows Basic and NTLM. A Negotiate without a challenge of NTLM means Kerberos, and Basic comes after it."""
    refusals = (required(*offers),)
    with serving(Server(answering(pem, LEFT))) as server:
        with serving(Server(proxying(*refusals), OTHER_ADDRESS)) as proxy:
            missing = error_of(server, pem, **proxy_at(proxy))
        assert sent_to(proxy) == [""]
        with serving(Server(proxying(*refusals), OTHER_ADDRESS)) as proxy:
            wrong = error_of(server, pem, **proxy_at(proxy, *USER))
        assert sent_to(proxy) == sent
    for error in (missing, wrong):
        assert (error.error_code, error.is_not_sent) == ("proxy_authentication", True)
        assert (f"It accepts {names}." if names else "It accepts") in error.detail or not names
        assert "secret-7" not in str(error)
    assert "requires authentication, and no user name is set" in missing.detail
    assert ("rejected the user name and the password" if len(sent) > 1 else "The module supports Basic and NTLM") in wrong.detail
    assert ("does not accept NTLM in Negotiate" in wrong.detail) == (sent[-1] == "Negotiate")
    assert server.received == []


def test_basic_is_used_if_negotiate_means_kerberos(pem: Path) -> None:
    refusal = required("Negotiate", 'Basic realm="x"')
    with (
        serving(Server(answering(pem, LEFT))) as server,
        serving(Server(proxying(refusal, authorization=BASIC), OTHER_ADDRESS)) as proxy,
    ):
        assert ask(server, pem, **proxy_at(proxy, *USER)) == 7
    assert sent_to(proxy) == ["", "Negotiate", BASIC]


@pytest.mark.parametrize("challenge", ["AAAA", "%%%", base64.b64encode(b"NTLMSSP\0\2\0\0\0").decode()])
def test_a_challenge_that_is_none_is_explained_and_basic_is_not_tried(pem: Path, challenge: str) -> None:
    """The proxy knows NTLM, so the password is not sent in clear text."""
    refusals = (required("NTLM", "Basic"), required(f"NTLM {challenge}", more=KEEP))
    with serving(Server(answering(pem, LEFT))) as server, serving(Server(proxying(*refusals), OTHER_ADDRESS)) as proxy:
        error = error_of(server, pem, **proxy_at(proxy, *USER))
    assert (error.error_code, error.is_not_sent) == ("proxy_authentication", True)
    assert "sent a challenge of NTLM that is not valid" in error.detail
    assert sent_to(proxy) == ["", "NTLM"]
    assert server.received == []


def test_without_pyspnego_basic_is_used_and_ntlm_is_explained(pem: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ntlm, "HAS_SPNEGO", False)
    with serving(Server(answering(pem, LEFT))) as server:
        with serving(Server(proxying(required("NTLM")), OTHER_ADDRESS)) as proxy:
            error = error_of(server, pem, **proxy_at(proxy, *USER))
        assert "It accepts NTLM." in error.detail
        assert "the Python package pyspnego" in error.detail
        with serving(Server(proxying(required("NTLM", "Basic"), authorization=BASIC), OTHER_ADDRESS)) as proxy:
            assert ask(server, pem, **proxy_at(proxy, *USER)) == 7


@pytest.mark.parametrize(
    ("refusal", "code"),
    [
        (b"HTTP/1.1 403 Forbidden\r\n\r\n", "proxy_refused"),
        (b"HTTP/1.1 302 Found\r\nLocation: http://login/\r\n\r\n", "proxy_refused"),
        (b"SSH-2.0-x\r\n", "proxy_unreachable"),
        (b"HTTP/1.1 200 OK\r\n" + b"A: " + b"b" * 70000, "proxy_unreachable"),
    ],
)
def test_a_proxy_that_refuses_or_is_none_is_explained(pem: Path, refusal: bytes, code: str) -> None:
    with serving(Server(answering(pem, LEFT))) as server, serving(Server(proxying(refusal), OTHER_ADDRESS)) as proxy:
        error = error_of(server, pem, http_proxy=f"http://{OTHER_ADDRESS}:{proxy.port}")
    assert (error.error_code, error.is_not_sent) == (code, True)


@pytest.fixture(scope="module")
def both(pem: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The certificate of a proxy, and a file with those of the service and of the proxy."""
    folder = tmp_path_factory.mktemp("both")
    own = certificate(folder, OTHER_ADDRESS)
    trusted = folder / "both.pem"
    trusted.write_bytes(pem.read_bytes() + own.read_bytes())
    return own, trusted


@pytest.mark.parametrize("size", [1, 40, 700_000])
def test_the_connection_to_the_proxy_can_be_encrypted(pem: Path, both: tuple[Path, Path], size: int) -> None:
    """The connection to the service is encrypted inside it. A response has more bytes than a TLS record."""
    own, trusted = both
    body = soap("<ActivationRemaining>7</ActivationRemaining>") + b" " * size
    with (
        serving(Server(answering(pem, http(body)))) as server,
        serving(Server(proxying(required("Basic"), authorization=BASIC, pem=own), OTHER_ADDRESS)) as proxy,
    ):
        assert ask(server, trusted, **proxy_at(proxy, *USER, scheme="https")) == 7
    assert sent_to(proxy) == ["", BASIC]
    assert server.received[0].startswith(b"POST ")


def test_a_service_behind_an_encrypted_proxy_that_is_not_trusted_gets_nothing(pem: Path, both: tuple[Path, Path]) -> None:
    own, _trusted = both
    with serving(Server(answering(pem, LEFT))) as server, serving(Server(proxying(pem=own), OTHER_ADDRESS)) as proxy:
        error = error_of(server, own, **proxy_at(proxy, scheme="https"))
    assert (error.error_code, error.is_not_sent) == ("service_untrusted", True)
    assert server.received == [b""]


@pytest.mark.parametrize(
    ("pieces", "code"), [((LEFT[:-40],), "response_lost"), ((b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 2_000_000,), "response_too_large")]
)
def test_what_arrives_through_an_encrypted_proxy_has_the_same_limits(
    pem: Path, both: tuple[Path, Path], pieces: tuple[bytes, ...], code: str
) -> None:
    own, trusted = both
    with serving(Server(answering(pem, *pieces))) as server, serving(Server(proxying(pem=own), OTHER_ADDRESS)) as proxy:
        error = error_of(server, trusted, **proxy_at(proxy, scheme="https"))
    assert (error.error_code, error.is_lost) == (code, True)


def test_a_response_that_stops_has_the_time_of_one_request_through_an_encrypted_proxy(pem: Path, both: tuple[Path, Path]) -> None:
    own, trusted = both
    with serving(Server(answering(pem, LEFT[:30], wait=True))) as server, serving(Server(proxying(pem=own), OTHER_ADDRESS)) as proxy:
        error = error_of(server, trusted, timeout=1, **proxy_at(proxy, scheme="https"))
    assert (error.error_code, error.detail) == ("response_lost", "No complete response arrived in time.")


def test_a_proxy_whose_certificate_is_not_trusted_gets_no_request(pem: Path, both: tuple[Path, Path]) -> None:
    own, _trusted = both
    with serving(Server(answering(pem, LEFT))) as server, serving(Server(proxying(pem=own), OTHER_ADDRESS)) as proxy:
        error = error_of(server, pem, **proxy_at(proxy, *USER, scheme="https"))
    assert (error.error_code, error.is_not_sent) == ("proxy_untrusted", True)
    assert proxy.received == [b""]


def test_a_proxy_that_does_not_encrypt_gets_no_request(pem: Path) -> None:
    with serving(Server(answering(pem, LEFT))) as server, serving(Server(proxying(b"HTTP/1.1 400 Bad\r\n\r\n"), OTHER_ADDRESS)) as proxy:
        error = error_of(server, pem, timeout=2, **proxy_at(proxy, *USER, scheme="https"))
    assert (error.error_code, error.is_not_sent) == ("proxy_no_tls", True)
    assert all(b"CONNECT" not in message for message in proxy.received)
