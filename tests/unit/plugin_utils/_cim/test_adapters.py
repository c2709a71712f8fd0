# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""pywinrm and pypsrp as they are, against a listener on the loopback network: each failure told apart, none of them leaking."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim import pypsrp, pywinrm
from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.transport import (
    CredentialsRejectedError,
    RequestNotSentError,
    ResponseLostError,
    Transport,
)

from . import answers
from .loopback import ADDRESS, PASSWORD, SOAP, USER, Http, Listener

winrm_protocol = pytest.importorskip("winrm.protocol")
psrp_wsman = pytest.importorskip("pypsrp.wsman")

MESSAGE = answers.envelope("<p:ProductKey xmlns:p='x'>MMMMM-KKKKK-MMMMM-BBBBB-CCCCC</p:ProductKey>")
SECRETS = ("MMMMM-KKKKK", PASSWORD)
ANSWER = answers.envelope(answers.first_page([answers.instance("C", {"Text": "日本語 ü"})]))
FAULT = answers.envelope(answers.fault_winrm3(0xC004F074, "キー管理サービス ü"))

Open = Callable[..., Transport]


def open_pywinrm(port: int, *, scheme: str = "http", host: str = ADDRESS, **options: Any) -> Transport:
    login = {"username": USER, "password": PASSWORD, "transport": "plaintext" if scheme == "http" else "ssl", **options}
    return pywinrm.PywinrmTransport(winrm_protocol.Protocol(f"{scheme}://{host}:{port}/wsman", **login))


def open_pypsrp(port: int, *, scheme: str = "http", host: str = ADDRESS, **options: Any) -> Transport:
    login = {"username": USER, "password": PASSWORD, "auth": "basic", "encryption": "never" if scheme == "http" else "auto", **options}
    return pypsrp.PypsrpTransport(pypsrp.client({"server": host, "port": port, "ssl": scheme == "https", **login}))


@pytest.fixture
def listener() -> Iterator[Listener]:
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


def failure_of(transport: Transport, timeout: float = 5) -> Exception:
    with pytest.raises((RequestNotSentError, ResponseLostError)) as failed:
        transport.send(MESSAGE, timeout)
    error: Exception = failed.value
    assert error.__cause__ is None
    assert error.__context__ is None
    assert "\n" not in str(error)
    shown = "".join(traceback.format_exception(error))
    assert not [secret for secret in SECRETS if secret in shown]
    return error


def test_a_message_goes_out_and_its_answer_comes_back_byte_by_byte(listener: Listener, connect: Open) -> None:
    listener.answer = lambda _: Http(ANSWER)
    transport = connect(listener.port)
    assert transport.endpoint == f"http://{ADDRESS}:{listener.port}/wsman"
    assert transport.send(MESSAGE, 5) == ANSWER
    assert listener.bodies == [MESSAGE]


def test_messages_share_one_connection_until_it_is_reset(listener: Listener, connect: Open) -> None:
    listener.answer = lambda _: Http(ANSWER)
    transport = connect(listener.port)
    for _ in range(3):
        transport.send(MESSAGE, 5)
    assert listener.connections == 1
    transport.reset()
    transport.reset()
    transport.send(MESSAGE, 5)
    assert listener.connections == 2


@pytest.mark.parametrize("content_type", [SOAP, "application/soap+xml", "text/xml;charset=iso-8859-1"])
@pytest.mark.parametrize("status", [500, 400])
def test_a_fault_is_an_answer_in_utf8_whatever_its_header_says(listener: Listener, connect: Open, status: int, content_type: str) -> None:
    listener.answer = lambda _: Http(FAULT, status, {"Content-Type": content_type})
    assert connect(listener.port).send(MESSAGE, 5) == FAULT


def test_wrong_credentials_are_refused_in_one_line_with_the_next_step(listener: Listener, connect: Open) -> None:
    error = failure_of(connect(listener.port, password="wrong"))
    assert isinstance(error, CredentialsRejectedError)
    assert f"http://{ADDRESS}:{listener.port}/wsman refused user {USER} (HTTP 401, " in str(error)
    assert "Check ansible_user, ansible_password, and ansible_" in str(error)
    assert listener.bodies == []


def test_a_password_that_basic_authentication_cannot_send_is_not_quoted(listener: Listener, connect: Open) -> None:
    error = failure_of(connect(listener.port, password="geheim€"))
    assert isinstance(error, RequestNotSentError)
    assert "contains a character that" in str(error)
    assert "€" not in str(error)
    assert "20ac" not in str(error)


def test_a_refused_connection_was_certainly_not_sent(connect: Open) -> None:
    error = failure_of(connect(1))
    assert isinstance(error, RequestNotSentError)
    assert str(error).startswith(f"http://{ADDRESS}:1/wsman: connection refused.")


def test_an_unknown_host_name_was_certainly_not_sent(connect: Open) -> None:
    error = failure_of(connect(5985, host="no-such-host.invalid"))
    assert isinstance(error, RequestNotSentError)
    assert "the host name cannot be resolved" in str(error)


def test_a_port_that_speaks_no_tls_was_certainly_not_sent(listener: Listener, connect: Open) -> None:
    error = failure_of(connect(listener.port, scheme="https"))
    assert isinstance(error, RequestNotSentError)
    assert "the TLS handshake failed" in str(error)
    assert listener.bodies == []


def test_a_dropped_connection_may_have_carried_the_message_and_is_not_tried_again_here(listener: Listener, connect: Open) -> None:
    listener.answer = lambda _: Http(drop=True)
    error = failure_of(connect(listener.port))
    assert isinstance(error, ResponseLostError)
    assert (error.again, error.sent) == (True, True)
    assert len(listener.bodies) == 1


def test_a_reused_connection_that_drops_is_no_different(listener: Listener, connect: Open) -> None:
    listener.answer = lambda _: Http(ANSWER, drop=len(listener.bodies) > 1)
    transport = connect(listener.port)
    transport.send(MESSAGE, 5)
    error = failure_of(transport)
    assert isinstance(error, ResponseLostError)
    assert error.sent
    assert len(listener.bodies) == 2


def test_an_answer_cut_short_is_lost(listener: Listener, connect: Open) -> None:
    listener.answer = lambda _: Http(ANSWER, missing=1)
    error = failure_of(connect(listener.port))
    assert isinstance(error, ResponseLostError)
    assert (error.again, error.sent) == (True, True)


@pytest.mark.parametrize("body", [b"", ANSWER])
def test_a_machine_that_falls_silent_is_not_worth_a_second_try(listener: Listener, connect: Open, body: bytes) -> None:
    def fall_silent(_: bytes) -> Http:
        if not body:
            listener.given_up.wait(10)
        return Http(body, missing=1)

    listener.answer = fall_silent
    listener.timer = 10
    error = failure_of(connect(listener.port), timeout=1)
    listener.given_up.set()
    assert isinstance(error, ResponseLostError)
    assert (error.again, error.sent, error.reason) == (False, True, "no complete response in time")
    assert len(listener.bodies) == 1


def test_http_400_without_a_body_means_a_forgotten_connection(listener: Listener, connect: Open) -> None:
    listener.answer = lambda _: Http(status=400)
    error = failure_of(connect(listener.port))
    assert isinstance(error, ResponseLostError)
    assert error.again


@pytest.mark.parametrize("status", [403, 404, 405])
def test_an_endpoint_that_is_none_was_not_sent_anything(listener: Listener, connect: Open, status: int) -> None:
    listener.answer = lambda _: Http(b"<html/>", status)
    error = failure_of(connect(listener.port))
    assert isinstance(error, RequestNotSentError)
    assert f"returned HTTP {status}" in str(error)


def test_any_other_status_leaves_open_what_happened(listener: Listener, connect: Open) -> None:
    listener.answer = lambda _: Http(b"\xff\xfe", 418)
    error = failure_of(connect(listener.port))
    assert isinstance(error, ResponseLostError)
    assert not error.again
    assert error.sent


def test_a_redirect_is_not_followed_with_the_message(listener: Listener, connect: Open) -> None:
    elsewhere = {"Location": f"http://{ADDRESS}:{listener.port}/elsewhere"}
    listener.answer = lambda _: Http(status=307, headers=elsewhere)
    assert isinstance(failure_of(connect(listener.port)), ResponseLostError)
    assert listener.paths == ["/wsman"]


def test_whole_messages_are_not_logged_even_when_everything_is(listener: Listener, connect: Open, caplog: pytest.LogCaptureFixture) -> None:
    listener.answer = lambda _: Http(ANSWER)
    with caplog.at_level(logging.DEBUG):
        for name in ("pypsrp", "pypsrp.wsman", "urllib3"):
            caplog.set_level(logging.DEBUG, logger=name)
        connect(listener.port).send(MESSAGE, 5)
    assert listener.bodies == [MESSAGE]
    assert not [record for record in caplog.records if any(secret in record.getMessage() for secret in SECRETS)]


@pytest.mark.parametrize(("module", "package"), [(pywinrm, "pywinrm"), (pypsrp, "pypsrp")])
def test_a_missing_library_is_named_with_the_way_to_get_it(monkeypatch: pytest.MonkeyPatch, module: Any, package: str) -> None:
    module.require()
    monkeypatch.setattr(module, "IMPORT_PROBLEM", "No module named x")
    with pytest.raises(Exception, match=f"No module named x.*pip install '{package}>="):
        module.require()
