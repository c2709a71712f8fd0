# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The logon of pywinrm by NTLM begins with its first token; whatever a machine does with it, the password is tried once."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim import pywinrm, warm_up
from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.transport import (
    CredentialsRejectedError,
    RequestNotSentError,
    ResponseLostError,
)

from . import behaviors
from .listeners import Behavior, Listener, Request, listening
from .test_bounds import MESSAGE, by_pywinrm

requests_ntlm = pytest.importorskip("requests_ntlm")

CHALLENGE = warm_up.NTLM[0].split(b"WWW-Authenticate: ")[1].split(b"\r\n")[0]


def token_of(request: Request) -> tuple[str, int]:
    """The method of the logon in a request and the number of its NTLM message; ("", 0) without a logon."""
    method, _, token = request.header("Authorization").partition(" ")
    return method, base64.b64decode(token)[8] if token else 0


def refusal(behavior: Behavior) -> tuple[Exception, list[tuple[str, int]]]:
    with listening(behavior) as listener:
        transport = by_pywinrm(listener.port, "ntlm")
        with pytest.raises((RequestNotSentError, ResponseLostError)) as failed:
            transport.send(MESSAGE, 30)
        assert no_message_in(listener)
    return failed.value, [token_of(request) for request in listener.requests]


def no_message_in(listener: Listener) -> bool:
    return not [request for request in listener.requests if request.body]


def offering(*methods: bytes) -> Behavior:
    return lambda _: [behaviors.head(401, *(b"WWW-Authenticate: " + method for method in methods), length=0)]


def test_a_machine_without_negotiate_is_asked_for_its_methods() -> None:
    error, tokens = refusal(offering(b"NTLM"))
    assert tokens == [("Negotiate", 1), ("", 0), ("NTLM", 1)]
    assert "ntlm authentication failed" in str(error)


def test_a_machine_that_has_other_methods_only_refuses_the_user() -> None:
    error, tokens = refusal(offering(b'Basic realm="WSMAN"'))
    assert tokens == [("Negotiate", 1), ("", 0)]
    assert isinstance(error, CredentialsRejectedError)


def test_a_machine_that_lets_everybody_in_gets_no_message() -> None:
    error, tokens = refusal(lambda _: [behaviors.head(200, length=0)])
    assert tokens == [("Negotiate", 1), ("", 0)]
    assert "without authentication" in str(error)


def test_a_refused_password_is_tried_once() -> None:
    def machine(request: Request) -> Iterator[bytes]:
        offered = CHALLENGE if token_of(request) == ("Negotiate", 1) else b"Negotiate"
        yield behaviors.head(401, b"WWW-Authenticate: " + offered, length=0)

    error, tokens = refusal(machine)
    assert tokens == [("Negotiate", 1), ("Negotiate", 3)]
    assert isinstance(error, CredentialsRejectedError)


def test_the_logon_uses_the_nt_hash_of_the_password(monkeypatch: pytest.MonkeyPatch) -> None:
    """The hash of "Password" is the example of [MS-NLMP] 4.2.2.1.2."""
    pytest.importorskip("spnego._ntlm_raw.crypto")
    auth = requests_ntlm.HttpNtlmAuth("User", "Password")
    for level in ("0", "2"):
        monkeypatch.setenv("LM_COMPAT_LEVEL", level)
        pywinrm.skip_lm_hash(auth)
        assert auth.password == "Password"
    monkeypatch.delenv("LM_COMPAT_LEVEL")
    for _ in range(2):
        pywinrm.skip_lm_hash(auth)
        assert auth.password == f"{'0' * 32}:a4f49c406510bdcab6824ee7c30fd852"


def test_a_library_that_does_not_know_the_hash_gets_the_password(monkeypatch: pytest.MonkeyPatch) -> None:
    auth = requests_ntlm.HttpNtlmAuth("User", "Password")
    monkeypatch.setattr(pywinrm, "ntowfv1", lambda password: password[-16:].encode())
    pywinrm.skip_lm_hash(auth)
    assert auth.password == "Password"
