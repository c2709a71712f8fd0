# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""CredSSP with a client nobody here wrote: who gets in, the form of messages, and what the machine checks."""

from __future__ import annotations

import gc
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from requests_credssp.exceptions import AuthenticationException, NTStatusException
from winrm.exceptions import InvalidCredentialsError
from winrm.protocol import Protocol

from winlab.protocol import sealing
from winlab.protocol.credssp import CredsspContext
from winlab.protocol.sealing import Refused

PASSWORD = "Wire-Passw0rd!"
IDENTIFY = (
    '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Header/><s:Body>'
    '<i:Identify xmlns:i="http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd"/></s:Body></s:Envelope>'
)


@pytest.fixture(autouse=True)
def _connections() -> Iterator[None]:
    """After a failure, the client leaves its connection to the garbage collector, which is to find it now."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


class TinyAccounts:
    """Nobody."""

    def password_of(self, _user: str) -> str | None:
        return None

    def refusal_of(self, _user: str) -> int | None:
        return None


def send(machine: Any, message: str | bytes = IDENTIFY, **options: Any) -> bytes:
    settings = {"transport": "credssp", "username": "LabAdmin", "password": PASSWORD, **options}
    protocol = Protocol(f"http://{machine.address}:{machine.listen.http_port}/wsman", **settings)
    try:
        answer: bytes = protocol.transport.send_message(message)
        return answer
    finally:
        protocol.transport.close_session()


@pytest.mark.parametrize("version", ["1.2", "1.3"])
@pytest.mark.parametrize("user", ["LabAdmin", "WIRE\\LabAdmin"])
def test_a_logon_delegates_its_password_and_messages_are_sealed(
    tiny: Callable[..., Any], wire: Callable[..., Any], version: str, user: str
) -> None:
    machine = tiny(credssp=True, credssp_tls=version)
    running = wire(machine)
    assert b"IdentifyResponse" in send(machine, username=user)
    counters = running.endpoint(machine).counters
    assert (counters.requests, counters.tcp_connections) == (1, 1)


def test_a_long_message_and_a_long_answer_have_several_parts(tiny: Callable[..., Any], wire: Callable[..., Any], soap: Any) -> None:
    machine = tiny(credssp=True, credssp_tls="1.2", instances=1, filler=60_000)
    wire(machine)
    answer = send(machine, soap.query("SELECT * FROM Lab_Sample", extra="<!--" + "x" * 40_000 + "-->"))
    assert answer.count(b"x" * 60_000) == 1


@pytest.mark.parametrize("length", [0, 5, sealing.LARGEST_PART, sealing.LARGEST_PART + 1, 3 * sealing.LARGEST_PART])
def test_a_sealed_message_opens_again(length: int) -> None:
    class Plain:
        def seal(self, plain: bytes) -> tuple[bytes, bytes]:
            return b"S" * 16, plain

        def unseal(self, signature: bytes, sealed: bytes) -> bytes:
            assert signature == b"S" * 16
            return sealed

    body = sealing.seal(b"x" * length, Plain(), sealing.CREDSSP)
    assert sealing.unseal(body, Plain(), sealing.CREDSSP) == b"x" * length
    several = length > sealing.LARGEST_PART
    assert (body.count(b"OriginalContent") > 1) == several
    assert ("x-multi-encrypted" in sealing.content_type(sealing.CREDSSP, length)) == several


def test_a_machine_without_the_setting_does_not_offer_it(tiny: Callable[..., Any], wire: Callable[..., Any]) -> None:
    machine = tiny()
    wire(machine)
    with pytest.raises(AuthenticationException, match="did not response CredSSP being an available"):
        send(machine)


def test_wrong_credentials_get_the_status_of_a_failed_logon(tiny: Callable[..., Any], wire: Callable[..., Any]) -> None:
    machine = tiny(credssp=True)
    wire(machine)
    for wrong in ({"password": "wrong"}, {"username": "Nobody"}):
        with pytest.raises(NTStatusException) as refused:
            send(machine, **wrong)
        assert refused.value.status == 0xC000006D


@pytest.mark.parametrize(("password", "status"), [(PASSWORD, 0xC0000234), ("wrong", 0xC000006D)])
def test_an_account_that_cannot_log_on_gets_its_status_if_the_password_is_right(
    tiny: Callable[..., Any], wire: Callable[..., Any], password: str, status: int
) -> None:
    machine = tiny(credssp=True, refusal=0xC0000234)
    wire(machine)
    with pytest.raises((AuthenticationException, NTStatusException)) as refused:
        send(machine, password=password)
    assert refused.value.__cause__ is not None
    assert refused.value.__cause__.base_error.winerror & 0xFFFFFFFF == status  # type: ignore[attr-defined]


@pytest.mark.parametrize(("answers", "said"), [(False, "after step Public key exchange"), (True, "potential man in the middle attack")])
def test_a_relay_with_another_key_is_found_by_either_side(
    tiny: Callable[..., Any], wire: Callable[..., Any], answers: bool, said: str
) -> None:
    machine = tiny(credssp=True)
    running = wire(machine)
    running.endpoint(machine).faults.set("credssp_relay", answers=answers)
    with pytest.raises(AuthenticationException, match=said):
        send(machine)


def test_a_machine_with_an_old_tls_ends_in_the_handshake(tiny: Callable[..., Any], wire: Callable[..., Any]) -> None:
    machine = tiny(credssp=True, credssp_tls="1.0")
    wire(machine)
    with pytest.raises(AuthenticationException, match="after step TLS Handshake - actual 'Negotiate, CredSSP'"):
        send(machine)


def test_the_password_that_is_delegated_has_to_be_that_of_the_account(
    tiny: Callable[..., Any], wire: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = tiny(credssp=True)
    wire(machine)
    answers = iter([PASSWORD, "changed meanwhile"])
    monkeypatch.setattr(machine, "password_of", lambda _user: next(answers))
    with pytest.raises((AuthenticationException, InvalidCredentialsError)):
        send(machine)


@pytest.mark.parametrize("token", [b"", b"no TLS", bytes(64)])
def test_a_broken_token_is_refused(token: bytes) -> None:
    context = CredsspContext(lambda _token: pytest.fail("nothing came that far"), TinyAccounts(), tls_1_3=False)
    with pytest.raises(Refused):
        context.step(token)
