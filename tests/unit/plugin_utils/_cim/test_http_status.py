# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""HTTP statuses without a SOAP message, of a machine and of a proxy: each says what it means, whose it is and what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim import http_status
from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.http_status import Exchange, from_status
from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.proxy import Proxy, proxy_of
from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.transport import (
    RequestNotSentError,
    ResponseLostError,
    Transport,
)

from .loopback import ADDRESS, Http, Listener
from .test_adapters import failure_of, open_pypsrp, open_pywinrm

ENDPOINT = f"http://{ADDRESS}:5985/wsman"
Open = Callable[..., Transport]
PAGE = b"<html>no</html>"
PROXY_VARIABLES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@pytest.fixture
def listener(monkeypatch: pytest.MonkeyPatch) -> Iterator[Listener]:
    for name in PROXY_VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    listening = Listener()
    yield listening
    listening.close()


@pytest.fixture(params=[open_pywinrm, open_pypsrp], ids=["pywinrm", "pypsrp"])
def connect(request: pytest.FixtureRequest) -> Iterator[Open]:
    opened: list[Transport] = []

    def open_one(*arguments: Any, **options: Any) -> Transport:
        opened.append(request.param(*arguments, **options))
        return opened[-1]

    yield open_one
    for transport in opened:
        transport.reset()


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (400, ("before it reached WinRM", "MaxRequestBytes")),
        (403, ("no WS-Management service at this address",)),
        (407, ("requires authentication", "proxies")),
        (411, ("length of the request",)),
        (413, ("larger than", "MaxEnvelopeSizekb")),
    ],
)
def test_a_status_that_refuses_the_request_says_that_nothing_was_done_and_what_to_do(
    listener: Listener, connect: Open, status: int, words: tuple[str, ...]
) -> None:
    listener.answer = lambda _: Http(PAGE, status)
    error = failure_of(connect(listener.port))
    assert isinstance(error, RequestNotSentError)
    assert (error.error_code, error.transient) == ("unreachable", False)
    assert [word for word in (f"HTTP {status}", *words) if word not in str(error)] == []


@pytest.mark.parametrize("page", [b"<h2>Bad Request - Request Too Long</h2>", b"<p>The size of the request headers is too  long.</p>"])
def test_a_request_whose_headers_are_too_long_has_a_large_ticket(listener: Listener, connect: Open, page: bytes) -> None:
    listener.answer = lambda _: Http(page, 400)
    error = failure_of(connect(listener.port))
    assert isinstance(error, RequestNotSentError)
    assert "HTTP 400: the headers of the request are too long. An account in many groups has a large Kerberos ticket" in str(error)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (500, "did not return a reason"),
        (502, "did not receive a valid response"),
        (504, "did not receive a response from the machine in time"),
        (503, "not available"),
        (429, "too many requests"),
    ],
)
def test_a_status_that_says_nothing_of_the_message_leaves_open_what_became_of_it(
    listener: Listener, connect: Open, status: int, words: str
) -> None:
    listener.answer = lambda _: Http(PAGE, status)
    error = failure_of(connect(listener.port))
    assert isinstance(error, ResponseLostError)
    assert error.sent
    assert error.again is (status in (429, 503))
    assert words in error.reason
    assert error.steps


def test_a_server_error_in_clear_names_what_windows_refuses(listener: Listener, connect: Open) -> None:
    listener.answer = lambda _: Http(b"", 500)
    error = failure_of(connect(listener.port))
    assert isinstance(error, ResponseLostError)
    assert error.steps[0].startswith("Windows rejects unencrypted messages")
    encrypted = from_status(Exchange("https://m:5986/wsman"), 500, b"")
    assert isinstance(encrypted, ResponseLostError)
    assert "unencrypted" not in " ".join(encrypted.steps)


@pytest.mark.parametrize(
    ("header", "again", "pause"),
    [
        (None, True, http_status.PAUSE),
        ("0", True, 0),
        ("7", True, 7),
        ("10", True, 10),
        ("11", False, 0),
        ("86400", False, 0),
        ("-3", True, http_status.PAUSE),
        ("1e9", True, http_status.PAUSE),
        ("\u0667", True, http_status.PAUSE),
        ("9" * 400, True, http_status.PAUSE),
        ("Sun, 29 Nov 2026 12:00:00 GMT", True, http_status.PAUSE),
    ],
)
def test_retry_after_counts_within_bounds_only(header: str | None, again: bool, pause: float) -> None:
    error = from_status(Exchange(ENDPOINT, retry_after=header or ""), 503, PAGE)
    assert isinstance(error, ResponseLostError)
    assert (error.again, error.pause) == (again, pause)


def test_retry_after_reaches_the_session_over_the_wire(listener: Listener, connect: Open) -> None:
    listener.answer = lambda _: Http(PAGE, 503, {"Retry-After": "3"})
    error = failure_of(connect(listener.port))
    assert isinstance(error, ResponseLostError)
    assert error.pause == 3


@given(st.integers(300, 599), st.text(max_size=30), st.binary(max_size=20), st.booleans(), st.booleans())
def test_every_status_has_words_and_no_pause_is_longer_than_allowed(
    status: int, header: str, body: bytes, sent: bool, proxied: bool
) -> None:
    proxy = Proxy("proxy:3128", "http_proxy", False, "m") if proxied else None
    said = from_status(Exchange(ENDPOINT, sent, True, header, proxy), status, body)
    assert str(status) in str(said)
    assert ("proxy:3128" in str(said)) == (proxied and not (status == 400 and not body.strip()))
    if isinstance(said, ResponseLostError):
        assert 0 <= said.pause <= http_status.LONGEST_PAUSE


@pytest.mark.parametrize("name", ["http_proxy", "HTTP_PROXY", "all_proxy"])
@pytest.mark.parametrize("status", [403, 407, 503, 504])
def test_what_a_proxy_of_the_environment_refused_is_told_with_its_variable_and_no_proxy(
    listener: Listener, connect: Open, monkeypatch: pytest.MonkeyPatch, name: str, status: int
) -> None:
    monkeypatch.setenv(name, f"http://user:Pr0xy-Secret@{ADDRESS}:{listener.port}")
    listener.answer = lambda _: Http(PAGE, status)
    error = failure_of(connect(5985, host="machine.example"))
    told = " ".join((str(error), *getattr(error, "steps", ())))
    assert f"the proxy {ADDRESS}:{listener.port} ({name} in the environment of Ansible)" in told
    assert "Add machine.example to no_proxy" in told
    assert "Pr0xy-Secret" not in told
    assert listener.paths == ["http://machine.example:5985/wsman"]


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_is_not_there_is_named_and_not_the_machine(
    listener: Listener, connect: Open, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    monkeypatch.setenv(f"{scheme}_proxy", f"http://{ADDRESS}:1")
    error = failure_of(connect(listener.port, scheme=scheme))
    assert isinstance(error, RequestNotSentError)
    assert f"the proxy {ADDRESS}:1 ({scheme}_proxy in the environment of Ansible) cannot be used (Connection refused)" in str(error)
    assert f"Add {ADDRESS} to no_proxy" in str(error)
    assert listener.connections == 0


@pytest.mark.parametrize("status", [403, 407, 503])
def test_a_proxy_that_opens_no_way_for_https_is_named_with_its_status(
    listener: Listener, connect: Open, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    monkeypatch.setenv("https_proxy", f"http://{ADDRESS}:{listener.port}")
    listener.tunnel = Http(PAGE, status)
    error = failure_of(connect(5986, scheme="https", host="machine.example"))
    assert isinstance(error, RequestNotSentError)
    assert f"did not open a connection to the machine (HTTP {status})" in str(error)
    assert "https_proxy in the environment" in str(error)


def test_a_machine_that_no_proxy_names_is_reached_directly(listener: Listener, connect: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", f"http://{ADDRESS}:1")
    monkeypatch.setenv("no_proxy", ADDRESS)
    listener.answer = lambda _: Http(PAGE, 403)
    assert "proxy" not in str(failure_of(connect(listener.port)))


@pytest.mark.parametrize(("open_one", "variable"), [(open_pywinrm, "ansible_winrm_proxy"), (open_pypsrp, "ansible_psrp_proxy")])
def test_a_proxy_of_the_inventory_is_named_by_its_variable(listener: Listener, open_one: Open, variable: str) -> None:
    listener.answer = lambda _: Http(PAGE, 407)
    transport = open_one(5985, host="machine.example", proxy=f"http://{ADDRESS}:{listener.port}")
    error = failure_of(transport)
    transport.reset()
    assert f"({variable})" in str(error)
    assert f"Correct {variable}, or remove this variable" in str(error)
    assert "no_proxy" not in str(error)


@pytest.mark.parametrize(
    ("url", "address"),
    [("http://u:p@proxy:3128/", "proxy:3128"), ("proxy:3128", "proxy:3128"), ("u:p@proxy:3128", "proxy:3128"), ("socks5://proxy", "proxy")],
)
def test_a_proxy_shows_by_its_address_only(url: str, address: str) -> None:
    found = proxy_of(ENDPOINT, {"http": url}, url, "ansible_winrm_proxy")
    assert found is not None
    assert found.address == address


@pytest.mark.parametrize("chosen", [None, {}, {"http": False}, {"https": "http://proxy:3128"}])
def test_a_session_without_a_proxy_for_its_scheme_has_none(chosen: dict[str, Any] | None) -> None:
    assert proxy_of(ENDPOINT, chosen, None, "ansible_psrp_proxy") is None
