# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""pywinrm and pypsrp behind the guard: time on a simulated clock, bytes counted at the server, memory in a process of its own."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim import guard, pypsrp, pywinrm
from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.limits import SMALL, SharedMemory
from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.transport import (
    RequestNotSentError,
    ResponseLostError,
    Transport,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.wsman import Session
from ansible_collections.winops.volume_activation.plugins.plugin_utils._errors import UnreachableError

from . import behaviors
from .listeners import ADDRESS, Behavior, Listener, Request, listening

winrm_protocol = pytest.importorskip("winrm.protocol")
pytest.importorskip("pypsrp.wsman")

USER, PASSWORD = "LabAdmin", "Lab-Passw0rd!"
MESSAGE = b"<s:Envelope><a:MessageID>uuid:1</a:MessageID></s:Envelope>"
IN_FLIGHT = 8 * 1024 * 1024
"""Bytes that the sockets of both sides may hold, beside what was read."""
MEMORY = 96 * 1024 * 1024


class Clock:
    """Time that passes when somebody looks."""

    def __init__(self, seconds_a_look: float = 0.0) -> None:
        self.now = 1000.0
        self.seconds_a_look = seconds_a_look

    def __call__(self) -> float:
        self.now += self.seconds_a_look
        return self.now


def by_pywinrm(port: int, transport: str = "plaintext", clock: Callable[[], float] | None = None) -> Transport:
    protocol = winrm_protocol.Protocol(
        f"http://{ADDRESS}:{port}/wsman", transport=transport, username=USER, password=PASSWORD, message_encryption="auto"
    )
    return pywinrm.PywinrmTransport(protocol, clock or Clock())


def by_pypsrp(port: int, auth: str = "plaintext", clock: Callable[[], float] | None = None) -> Transport:
    login = {"auth": "basic", "encryption": "never"} if auth == "plaintext" else {"auth": auth}
    options = {"server": ADDRESS, "port": port, "ssl": False, "username": USER, "password": PASSWORD, **login}
    return pypsrp.PypsrpTransport(pypsrp.client(options), clock or Clock())


WAYS = {"pywinrm": by_pywinrm, "pypsrp": by_pypsrp}
Connect = Callable[..., Transport]


@pytest.fixture(params=list(WAYS))
def connect(request: pytest.FixtureRequest) -> Iterator[Connect]:
    opened: list[Transport] = []

    def open_one(*arguments: Any, **options: Any) -> Transport:
        opened.append(WAYS[request.param](*arguments, **options))
        return opened[-1]

    yield open_one
    for transport in opened:
        transport.reset()


def outcome(transport: Transport, timeout: float = 30) -> RequestNotSentError | ResponseLostError:
    with pytest.raises((RequestNotSentError, ResponseLostError)) as failed:
        transport.send(MESSAGE, timeout)
    return failed.value


@pytest.mark.parametrize("name", behaviors.TOO_SLOW)
def test_an_answer_that_trickles_in_ends_at_the_deadline_of_its_message(name: str, connect: Connect) -> None:
    clock = Clock(seconds_a_look=1)
    with listening(behaviors.TOO_SLOW[name], pace=0.01) as listener:
        began = clock.now
        lost = outcome(connect(listener.port, clock=clock))
    assert isinstance(lost, ResponseLostError)
    assert (lost.reason, lost.again, lost.sent) == ("no complete response in time", False, True)
    assert 30 <= clock.now - began <= 32


def test_a_logon_that_trickles_in_ends_at_the_deadline_of_the_message_it_is_for(connect: Connect) -> None:
    clock = Clock(seconds_a_look=1)
    with listening(behaviors.logon(behaviors.TOO_SLOW["trickled_body"]), pace=0.01) as listener:
        began = clock.now
        lost = outcome(connect(listener.port, "ntlm", clock=clock))
    assert isinstance(lost, ResponseLostError)
    assert (lost.reason, lost.sent) == ("no complete response in time", False)
    assert 30 <= clock.now - began <= 32


@pytest.mark.parametrize("name", behaviors.TOO_MUCH)
def test_an_answer_without_end_is_read_up_to_a_bound_and_not_further(name: str, connect: Connect) -> None:
    with listening(behaviors.TOO_MUCH[name]) as listener:
        problem = outcome(connect(listener.port))
        sent = listener.sent
    assert isinstance(problem, ResponseLostError)
    assert problem.sent
    assert sent < guard.MAX_BYTES + IN_FLIGHT


@pytest.mark.parametrize("library", list(WAYS))
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_the_bounds_hold_for_a_proxy_and_for_its_answer_to_connect(library: str, scheme: str) -> None:
    def endless_headers(_: Request) -> Iterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\n"
        while True:
            yield b"X: y\r\n" * 1000 if scheme == "https" else b"\r\n" * 1000

    with listening(endless_headers) as listener:
        proxy = f"http://{ADDRESS}:{listener.port}"
        if library == "pywinrm":
            login = {"transport": "ssl" if scheme == "https" else "plaintext", "username": USER, "password": PASSWORD, "proxy": proxy}
            transport: Transport = pywinrm.PywinrmTransport(
                winrm_protocol.Protocol(f"{scheme}://machine.invalid:5986/wsman", **login), Clock()
            )
        else:
            secure = {"ssl": True} if scheme == "https" else {"ssl": False, "encryption": "never"}
            options = {"server": "machine.invalid", "auth": "basic", "username": USER, "password": PASSWORD, "proxy": proxy, **secure}
            transport = pypsrp.PypsrpTransport(pypsrp.client(options), Clock())
        outcome(transport)
        transport.reset()
        sent = listener.sent
        (asked,) = listener.requests
    assert asked.head.startswith(b"CONNECT machine.invalid:" if scheme == "https" else b"POST http://machine.invalid:")
    assert sent < guard.MAX_BYTES + IN_FLIGHT


def test_a_name_with_many_addresses_gets_one_deadline_for_all_of_them(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[str] = []
    addresses = [f"{ADDRESS[:-1]}{number}" for number in range(100, 200)]
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 1)) for address in addresses]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    clock = Clock(seconds_a_look=1)

    class Counting(socket.socket):
        def connect(self, address: Any) -> None:
            tried.append(address[0])
            super().connect(address)

    monkeypatch.setattr(socket, "socket", Counting)
    problem = outcome(connect(1, clock=clock))
    assert isinstance(problem, RequestNotSentError)
    assert 20 < len(tried) < 31


@pytest.mark.parametrize("name", behaviors.LOGONS)
def test_the_bounds_hold_for_a_logon_and_nothing_was_sent_by_then(name: str, connect: Connect) -> None:
    with listening(behaviors.LOGONS[name]) as listener:
        problem = outcome(connect(listener.port, "ntlm"))
        sent = listener.sent
    assert not getattr(problem, "sent", False)
    assert sent < guard.MAX_BYTES + IN_FLIGHT
    assert not [request for request in listener.requests if request.body]


@pytest.mark.parametrize("name", behaviors.UNFIT)
def test_what_is_no_answer_makes_the_machine_unreachable(name: str, connect: Connect) -> None:
    with listening(behaviors.UNFIT[name]) as listener, pytest.raises(UnreachableError) as failed:
        Session(connect(listener.port)).query("SELECT * FROM C")
    assert "\n" not in str(failed.value)
    if name == "unfolding":
        assert "compressed" in str(failed.value)


def test_no_compression_is_asked_for(connect: Connect) -> None:
    with listening(behaviors.UNFIT["unfolding"]) as listener:
        outcome(connect(listener.port))
    assert [request.header("Accept-Encoding") for request in listener.requests] == ["identity"]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("auth", ["plaintext", "ntlm"])
def test_no_redirect_is_followed_at_any_time(status: int, auth: str, connect: Connect) -> None:
    with listening(lambda _: [behaviors.head(200, length=0)]) as elsewhere:
        with listening(behaviors.redirect(elsewhere.port, ADDRESS, status)) as listener:
            lost = outcome(connect(listener.port, auth))
        assert isinstance(lost, ResponseLostError)
        assert "redirect" in lost.reason
        assert (len(listener.requests), lost.sent) == (1, auth == "plaintext")
        assert elsewhere.requests == []


def test_a_token_of_the_logon_goes_nowhere_else(connect: Connect) -> None:
    with listening(lambda _: [behaviors.head(200, length=0)]) as elsewhere:
        with listening(behaviors.redirect_after_token(elsewhere.port, ADDRESS)) as listener:
            lost = outcome(connect(listener.port, "ntlm"))
        assert isinstance(lost, ResponseLostError)
        assert ("redirect" in lost.reason, lost.sent) == (True, False)
        tokens = [bool(request.header("Authorization")) for request in listener.requests]
        assert tokens in ([True], [False, True])  # pywinrm begins with the token
        assert elsewhere.requests == []


PROTOCOLS = {name: f'protocol="application/HTTP-{name}-session-encrypted"' for name in ("SPNEGO", "Kerberos", "CredSSP")}
BOUNDARY = 'boundary="Encrypted Boundary"'


def answered(asked: str, content_type: str, status: int = 200) -> requests.Response:
    """Ask by a session of requests, as any authentication library would."""
    with requests.Session() as session:
        budget = guard.ReadBudget(Clock())
        guard.guard_session(session, budget)
        budget.begin(10)
        with listening(lambda _: [behaviors.whole(status, b"<s:Envelope/>", content_type=content_type.encode())]) as listener:
            return session.post(f"http://{ADDRESS}:{listener.port}/wsman", data=b"sealed", headers={"Content-Type": asked}, timeout=10)


@pytest.mark.parametrize("kind", ["multipart/encrypted", "multipart/x-multi-encrypted"])
@pytest.mark.parametrize("protocol", PROTOCOLS.values(), ids=PROTOCOLS)
def test_an_encrypted_answer_is_handed_on_whatever_encrypted_it(protocol: str, kind: str) -> None:
    asked = f"multipart/encrypted;{protocol};{BOUNDARY}"
    assert answered(asked, f"{kind};{protocol};{BOUNDARY}").content == b"<s:Envelope/>"
    assert answered(asked, f"{kind}; {protocol}; {BOUNDARY}", 500).content == b"<s:Envelope/>"


@pytest.mark.parametrize("status", [200, 202, 400, 401, 403, 404, 500, 503])
@pytest.mark.parametrize("protocol", PROTOCOLS.values(), ids=PROTOCOLS)
def test_an_answer_in_clear_is_never_handed_on_in_an_encrypted_session(protocol: str, status: int) -> None:
    with pytest.raises(guard.ClearTextResponseError):
        answered(f"multipart/encrypted;{protocol};{BOUNDARY}", behaviors.SOAP.decode(), status)


@pytest.mark.parametrize(
    "content_type",
    [
        f"Multipart/Encrypted;{PROTOCOLS['SPNEGO']};{BOUNDARY}",  # pypsrp would take its body as it is
        f"text/plain;{PROTOCOLS['SPNEGO']};{BOUNDARY}",
        f"multipart/encrypted;{PROTOCOLS['Kerberos']};{BOUNDARY}",  # pywinrm would
        f"multipart/encrypted;{PROTOCOLS['CredSSP']};{BOUNDARY}",
        f"multipart/encrypted;{BOUNDARY}",
        f"multipart/encrypted;{PROTOCOLS['SPNEGO']}",
        f'multipart/encrypted;{PROTOCOLS["SPNEGO"]};boundary="(a+)+"',  # pypsrp would make a regular expression of it
        f'multipart/encrypted;{PROTOCOLS["SPNEGO"]};{BOUNDARY};boundary="x"',
        f"multipart/encrypted;{PROTOCOLS['SPNEGO']};{BOUNDARY};x=y",
        "",
    ],
)
def test_a_content_type_that_the_libraries_might_not_decrypt_counts_as_clear(content_type: str) -> None:
    with pytest.raises(guard.ClearTextResponseError):
        answered(f"multipart/encrypted;{PROTOCOLS['SPNEGO']};{BOUNDARY}", content_type)


def test_the_guard_keeps_what_the_adapter_it_replaces_was_set_up_with() -> None:
    session = requests.Session()
    before = requests.adapters.HTTPAdapter(max_retries=3)
    before.poolmanager.connection_pool_kw["key_password"] = "secret"
    session.mount("https://", before)
    budget = guard.ReadBudget(Clock())
    guard.guard_session(session, budget)
    after = session.get_adapter("https://x")
    assert isinstance(after, guard.Guard)
    assert after.max_retries.total == 3
    assert after.poolmanager.connection_pool_kw["key_password"] == "secret"
    guard.guard_session(session, budget)
    assert session.get_adapter("https://x") is after


@pytest.mark.parametrize("library", list(WAYS))
def test_no_answer_takes_more_memory_than_promised_and_no_query_goes_on_for_ever(library: str) -> None:
    wanted = {**behaviors.TOO_MUCH, **behaviors.UNFIT, **behaviors.ENDLESS_QUERIES, **behaviors.ASKED_AGAIN}
    listeners = {name: Listener(behavior) for name, behavior in wanted.items()}
    try:
        ports = {name: listener.port for name, listener in listeners.items()}
        script = Path(__file__).with_name("measured.py")
        done = subprocess.run(
            [sys.executable, str(script), library, ADDRESS, json.dumps(ports)], capture_output=True, text=True, timeout=300, check=True
        )
    finally:
        for listener in listeners.values():
            listener.close()
    measured = json.loads(done.stdout)
    assert set(measured) == set(wanted)
    assert {name: grown for name, (grown, _) in measured.items() if grown >= MEMORY} == {}
    assert {name: measured[name][1] for name in behaviors.ASKED_AGAIN} == {"large": "2 2"}
    assert [name for name in behaviors.ENDLESS_QUERIES if "more memory than a task can use" not in measured[name][1]] == []


def test_a_large_answer_waits_for_memory_while_it_is_read_and_a_usual_one_does_not(connect: Connect) -> None:
    """The bytes on the way count too: 150 machines with 1 MiB each would take more than their answers when they are read."""
    with listening(behaviors.TOO_MUCH["huge_body"]) as listener:
        transport = connect(listener.port)
        transport.share(SharedMemory(rooms=0).room())
        failure = outcome(transport, 1)
        assert "other machines with large responses used the memory of the task" in failure.reason
        assert listener.sent < SMALL + IN_FLIGHT
    with listening(lambda _request: [behaviors.whole(200, b"<s:Envelope>" + b"x" * (150 * 1024))]) as listener:
        transport = connect(listener.port)
        transport.share(SharedMemory(rooms=0).room())
        assert len(transport.send(MESSAGE, 30)) > 150 * 1024


def test_an_honest_answer_still_comes_through(connect: Connect) -> None:
    def honest(request: Request) -> list[bytes]:
        items = "<C><ID>1</ID></C>" * 3
        body = f"<n:EnumerateResponse><n:Items>{items}</n:Items><n:EndOfSequence/></n:EnumerateResponse>"
        return [behaviors.whole(200, behaviors.envelope(request, body))]

    behavior: Behavior = honest
    with listening(behavior) as listener:
        assert len(Session(connect(listener.port)).query("SELECT * FROM C")) == 3
