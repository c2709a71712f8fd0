# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Over real sockets and through HTTP proxies: who gets the password, and what is refused."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.winops.volume_activation.plugins.module_utils._batch.options import service
from ansible_collections.winops.volume_activation.plugins.module_utils._batch.proxies import ntlm
from ansible_collections.winops.volume_activation.plugins.module_utils._deadline import Deadline

from .asking import DEFAULTS, LEFT, QUESTION, ask, error_of
from .servers import ADDRESS, OTHER_ADDRESS, Server, answering, certificate, http, proxying, serving, soap


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
