# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sealed sessions: nothing is readable, and what is not encrypted or was changed ends the session.

The server is the one of pyspnego, which has NTLM in Python on both sides. Kerberos is tested with Samba, in tests/directory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import spnego
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.plugin_utils._ldap.errors import AnswerLostError, DirectoryError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._ldap.options import Logon
from ansible_collections.winops.volume_activation.plugins.plugin_utils._ldap.session import Directory

from .served import (
    BIND,
    CONFIGURATION,
    PASSWORD,
    ROOT,
    Request,
    Served,
    honest,
    message,
    opened,
    requests_in,
    result,
    text,
)

LOGON = Logon("ntlm", principal="AD\\reader", password=PASSWORD)
SECRET = "partial key AB12C of msSPP"
"""Part of every entry; a reader of the connection must not find it."""

Change = Callable[[bytes], Iterable[bytes]]


def _unchanged(frame: bytes) -> list[bytes]:
    return [frame]


def token_in(request: Request) -> bytes:
    """The token of NTLM in a bind."""
    return request.data[request.data.index(b"NTLMSSP\0") :]


@dataclass
class SealedServer:
    """A server that logs on with NTLM, and then sends frames. `change` gets each frame, and returns what is sent instead.

    `parts` is how many bytes of its answers are in a frame. `as_is` is what it sends in addition to the answer that completes the logon.
    """

    change: Change = _unchanged
    parts: int = 10**6
    as_is: bytes = b""
    offered: spnego.ContextReq = spnego.ContextReq.integrity | spnego.ContextReq.confidentiality
    seen: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.context: Any = spnego.server(protocol="ntlm", options=spnego.NegotiateOptions.use_ntlm, context_req=self.offered)
        self.connection = Served(self._answer)
        self._unread = b""
        self._plain_send, self.connection.send = self.connection.send, self._send  # type: ignore[method-assign]

    def _answer(self, request: Request) -> Iterable[bytes]:
        if request.tag != BIND:
            return honest(request)
        reply = self.context.step(token_in(request))
        if not self.context.complete:
            return [message(request.message_id, result(0x61, 14, "", text(reply, 0x87)))]
        return [message(request.message_id, result(0x61)) + self.as_is]

    def _send(self, data: bytes, deadline: Any) -> None:
        """Open the frames of the client, and answer each request in frames."""
        if not self.context.complete:
            self._plain_send(data, deadline)
            return
        self.connection.sent.append(data)
        self._unread += data
        while len(self._unread) >= 4:
            size = int.from_bytes(self._unread[:4], "big")
            plain = self.context.unwrap(self._unread[4 : 4 + size]).data
            self._unread = self._unread[4 + size :]
            for request in requests_in(plain)[0]:
                self.seen.append(request.data)
                answer = b"".join(honest(request, {**ROOT, "displayName": [SECRET]}))
                for at in range(0, len(answer), self.parts):
                    self.connection.add(*self.change(self.frame(answer[at : at + self.parts])))

    def frame(self, data: bytes) -> bytes:
        """Encrypted bytes."""
        token = self.context.wrap(data).data
        return len(token).to_bytes(4, "big") + bytes(token)

    def open(self) -> Directory:
        """A session with it."""
        return opened(self.connection, LOGON)


@pytest.fixture(autouse=True)
def _known_accounts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "accounts").write_text(f"AD:reader:{PASSWORD}\n", encoding="utf-8")
    monkeypatch.setenv("NTLM_USER_FILE", str(tmp_path / "accounts"))


def test_after_the_logon_nothing_is_readable() -> None:
    received: list[bytes] = []

    def keep(frame: bytes) -> list[bytes]:
        received.append(frame)
        return [frame]

    server = SealedServer(keep)
    with server.open() as directory:
        (found,) = directory.search(CONFIGURATION, "one", "(cn=a name)", ["displayName"])
        assert found.text("displayName") == SECRET
        assert (directory.facts.protocol, directory.facts.security) == ("ntlm", "sealed")
    assert b"a name" in b"".join(server.seen)
    on_the_wire = b"".join([*server.connection.sent, *received])
    for secret in (SECRET, "a name", CONFIGURATION, "displayName", "configurationNamingContext", PASSWORD):
        assert secret.encode() not in on_the_wire
        assert secret.encode("utf-16-le") not in on_the_wire


def test_the_end_of_the_session_is_sealed_too() -> None:
    server = SealedServer()
    server.open().close()
    assert server.seen[-1][-2:] == b"\x42\x00"
    assert server.connection.closed


@pytest.mark.parametrize("size", [1, 3, 50])
def test_frames_can_arrive_in_any_pieces(size: int) -> None:
    server = SealedServer(lambda frame: [frame[at : at + size] for at in range(0, len(frame), size)])
    assert server.open().search("", "base", "(cn=x)", ["cn"])


@pytest.mark.parametrize("parts", [1, 100, 10**6])
def test_a_message_can_have_several_frames_and_a_frame_several_messages(parts: int) -> None:
    server = SealedServer(parts=parts)
    assert server.open().search("", "base", "(cn=x)", ["cn"])


BROKEN: dict[str, Change] = {
    "an answer in clear": lambda _frame: [message(3, result(0x65))],
    "a notice in clear": lambda _frame: [message(0, result(0x78, 52, "going down"))],
    "a changed byte": lambda frame: [frame[:-1] + bytes([frame[-1] ^ 1])],
    "a changed signature": lambda frame: [frame[:8] + bytes([frame[8] ^ 1]) + frame[9:]],
    "a frame with its bytes in another order": lambda frame: [frame[:4] + frame[4:][::-1]],
    "an empty frame": lambda _frame: [b"\0\0\0\0"],
    "a frame of one byte": lambda _frame: [b"\0\0\0\1x"],
    "a frame of 2 GiB": lambda _frame: [b"\x80\0\0\0"],
    "a frame above the limit": lambda _frame: [b"\x01\0\0\1"],
}


@pytest.mark.parametrize("change", BROKEN.values(), ids=BROKEN)
def test_what_is_not_sealed_as_it_was_sent_ends_the_session(change: Change) -> None:
    server = SealedServer()
    directory = server.open()
    server.change = change
    with pytest.raises(DirectoryError) as failed:
        directory.search("", "base", "(cn=x)", ["cn"])
    sized = change in (BROKEN["an empty frame"], BROKEN["a frame of 2 GiB"], BROKEN["a frame above the limit"])
    assert failed.value.error_code == ("directory_malformed_answer" if sized else "directory_not_sealed")
    assert server.connection.closed


def test_a_frame_that_is_sent_again_is_refused() -> None:
    server = SealedServer()
    directory = server.open()
    server.change = lambda frame: [frame, frame]
    assert directory.search("", "base", "(cn=x)", ["cn"])
    with pytest.raises(DirectoryError) as failed:
        directory.search("", "base", "(cn=x)", ["cn"])
    assert failed.value.error_code == "directory_not_sealed"


def test_after_a_delete_a_changed_answer_says_that_the_object_might_be_gone() -> None:
    server = SealedServer()
    directory = server.open()
    server.change = BROKEN["a changed byte"]
    with pytest.raises(AnswerLostError) as failed:
        directory.delete("CN=x")
    assert "directory_not_sealed" in failed.value.message


@pytest.mark.parametrize("early", [b"\0", message(2, result(0x65)), message(0, result(0x78, 52, "x"))])
def test_bytes_in_clear_behind_the_logon_are_refused(early: bytes) -> None:
    server = SealedServer(as_is=early)
    with pytest.raises(DirectoryError) as failed:
        server.open()
    assert failed.value.error_code == "directory_not_sealed"
    assert server.connection.closed
    assert not server.seen


class EarlySuccess(SealedServer):
    """A server that says success before it proved that it knows the account."""

    def _answer(self, request: Request) -> Iterable[bytes]:
        return [message(request.message_id, result(0x61))]


class Endless(SealedServer):
    """A server that never ends the logon."""

    def _answer(self, request: Request) -> Iterable[bytes]:
        token = () if b"NTLMSSP" not in request.data or self.seen else (text(self.context.step(token_in(request)), 0x87),)
        self.seen.append(request.data)
        return [message(request.message_id, result(0x61, 14, "", *token))]


def test_success_before_the_negotiation_is_complete_is_refused() -> None:
    server = EarlySuccess()
    with pytest.raises(DirectoryError) as failed:
        server.open()
    assert failed.value.error_code == "directory_not_sealed"


def test_a_negotiation_without_end_is_ended() -> None:
    server = Endless()
    with pytest.raises(DirectoryError) as failed:
        server.open()
    assert failed.value.error_code == "directory_not_sealed"
    assert len(server.connection.requests) <= 10


class SignsOnly(SealedServer):
    """A server that does not agree to encrypt: the flag for it is missing in its challenge."""

    def _answer(self, request: Request) -> Iterable[bytes]:
        if self.seen:
            return [message(request.message_id, result(0x61))]
        self.seen.append(request.data)
        reply = self.context.step(token_in(request))
        flags = int.from_bytes(reply[20:24], "little") & ~0x20
        changed = reply[:20] + flags.to_bytes(4, "little") + reply[24:]
        return [message(request.message_id, result(0x61, 14, "", text(changed, 0x87)))]


def test_a_context_that_signs_only_is_refused_before_anything_is_sent() -> None:
    server = SignsOnly()
    with pytest.raises(DirectoryError) as failed:
        server.open()
    assert failed.value.error_code == "directory_not_sealed"
    assert [request.tag for request in server.connection.requests] == [BIND, BIND]


def test_a_wrong_answer_to_the_first_token_is_an_explained_error() -> None:
    for token in (b"", b"x", b"NTLMSSP\0" + b"\xff" * 100):
        server = Served(lambda request, token=token: [message(request.message_id, result(0x61, 14, "", text(token, 0x87)))])  # type: ignore[misc]
        with pytest.raises(DirectoryError) as failed:
            opened(server, LOGON)
        assert failed.value.error_code.startswith("directory_")
        assert PASSWORD not in str(failed.value)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.data())
def test_any_change_of_a_frame_is_refused(data: st.DataObject) -> None:
    server = SealedServer()
    directory = server.open()

    def change(frame: bytes) -> list[bytes]:
        at = data.draw(st.integers(4, len(frame) - 1))
        return [frame[:at] + bytes([frame[at] ^ data.draw(st.integers(1, 255))]) + frame[at + 1 :]]

    server.change = change
    with pytest.raises(DirectoryError) as failed:
        directory.search("", "base", "(cn=x)", ["cn"])
    assert failed.value.error_code == "directory_not_sealed"
