# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers that send what no domain controller sends: each answer is refused with its code, and the connection is closed."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.plugin_utils._ldap import wire
from ansible_collections.winops.volume_activation.plugins.plugin_utils._ldap.errors import (
    AnswerLostError,
    DirectoryError,
    DirectoryUnreachableError,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._ldap.options import Logon

from .served import (
    BIND,
    CONFIGURATION,
    DELETE,
    EXTENDED,
    PASSWORD,
    SEARCH,
    Answer,
    Request,
    Served,
    entry,
    honest,
    message,
    number,
    opened,
    page,
    result,
    text,
    then,
    tlv,
)

NOTICE = tlv(0x78, tlv(0x0A, b"\x34"), text(""), text("going down"), text("1.3.6.1.4.1.1466.20036", 0x8A))


def searched(answer: Answer, *, closes: bool = False, limit: int = 10) -> tuple[Served, DirectoryError]:
    """The error of a search in an open session."""
    server = Served(then(answer), closes=closes)
    directory = opened(server)
    with pytest.raises(DirectoryError) as failed:
        directory.search(CONFIGURATION, "one", "(objectClass=*)", ["cn"], limit=limit)
    directory.close()
    assert server.closed
    return server, failed.value


def deleted(answer: Answer, *, closes: bool = False) -> DirectoryError:
    """The error of a delete in an open session."""
    directory = opened(Served(then(answer), closes=closes))
    with pytest.raises(DirectoryError) as failed:
        directory.delete("CN=x")
    return failed.value


MALFORMED = {
    "a huge length": bytes.fromhex("3084ffffffff02"),
    "a length just above the limit": bytes([0x30, 0x84]) + (wire.MAX_MESSAGE).to_bytes(4, "big"),
    "an indefinite length": bytes.fromhex("30800201"),
    "a long tag": bytes.fromhex("1f8101"),
    "HTTP": b"HTTP/1.1 400 Bad Request\r\n\r\n",
    "a TLS alert": bytes.fromhex("15030300020228"),
    "no operation": tlv(0x30, number(3)),
    "an empty message": tlv(0x30),
    "a message ID of nine bytes": tlv(0x30, tlv(2, b"\1" * 9), result(0x65)),
    "a negative message ID": tlv(0x30, tlv(2, b"\xff"), result(0x65)),
    "a message ID that is a text": tlv(0x30, text("3"), result(0x65)),
    "the ID of another request": message(77, result(0x65)),
    "the answer to a bind": message(3, result(0x61)),
    "the answer to a delete": message(3, result(0x6B)),
    "an unsolicited message of another kind": message(0, result(0x65)),
    "a result without its parts": message(3, tlv(0x65)),
    "a result with a text as code": message(3, tlv(0x65, text("0"), text(""), text(""))),
    "an operation longer than its message": bytes.fromhex("300802010365840000ff00"),
    "an entry without attributes": message(3, tlv(0x64, text("CN=x"))),
    "an entry with a name that is not UTF-8": message(3, tlv(0x64, text(b"\xff"), tlv(0x30))),
    "attributes that are no sequence": message(3, tlv(0x64, text("CN=x"), tlv(0x30, text("cn")))),
    "values that are no octet strings": message(3, tlv(0x64, text("CN=x"), tlv(0x30, tlv(0x30, text("cn"), tlv(0x31, number(1)))))),
    "values in no set": message(3, tlv(0x64, text("CN=x"), tlv(0x30, tlv(0x30, text("cn"), text("x"))))),
    "a control that is no sequence": message(3, result(0x65), tlv(0xA0, text("1.2"))),
    "a page without its parts": message(3, result(0x65), tlv(0xA0, tlv(0x30, text("1.2.840.113556.1.4.319"), text(tlv(0x30))))),
}


@pytest.mark.parametrize("answer", MALFORMED.values(), ids=MALFORMED)
def test_an_answer_that_is_no_answer_is_malformed_and_ends_the_session(answer: bytes) -> None:
    server, error = searched(lambda _request: [answer])
    assert error.error_code == "directory_malformed_answer"
    assert len(server.requests) == 3  # not even an unbind afterwards


@pytest.mark.parametrize("answer", MALFORMED.values(), ids=MALFORMED)
def test_after_a_delete_such_an_answer_says_that_the_object_might_be_gone(answer: bytes) -> None:
    sent = message(9, result(0x6B)) if answer == MALFORMED["the answer to a delete"] else answer
    error = deleted(lambda _request: [sent])
    assert isinstance(error, AnswerLostError)
    assert error.error_code == "directory_answer_lost"


def test_nested_elements_are_not_followed() -> None:
    nested = b""
    for _level in range(2000):
        nested = tlv(0x30, nested)
    _server, error = searched(lambda request: [message(request.message_id, tlv(0x64, nested))])
    assert error.error_code == "directory_malformed_answer"


def test_elements_after_the_known_ones_are_ignored() -> None:
    more = tlv(0x8F, b"something new")

    def answer(request: Request) -> list[bytes]:
        found = tlv(0x64, text("CN=x"), tlv(0x30), more)
        return [message(request.message_id, found, tlv(0xA0), more), message(request.message_id, result(0x65, 0, "", more))]

    directory = opened(Served(then(answer)))
    assert [found.dn for found in directory.search("", "one", "(cn=x)", [])] == ["CN=x"]


def test_more_entries_than_the_limit_end_the_session() -> None:
    def endless(request: Request) -> Iterable[bytes]:
        return itertools.islice(itertools.repeat(message(request.message_id, entry("CN=x", {}))), 12)

    server, error = searched(endless, limit=10)
    assert error.error_code == "directory_too_much_data"
    assert "10 entries" in error.message
    assert server.closed


def test_endless_pages_without_entries_end_at_the_limit_of_bytes() -> None:
    cookie = page(b"c" * 100_000)
    server = Served(then(lambda request: [message(request.message_id, result(0x65), cookie)]))
    directory = opened(server)
    with pytest.raises(DirectoryError) as failed:
        directory.search("", "one", "(cn=x)", [])
    assert failed.value.error_code == "directory_too_much_data"
    assert len(server.requests) < wire.MAX_ANSWER / 100_000 + 5


def test_endless_references_end_at_the_limit_of_bytes() -> None:
    reference = tlv(0x73, text("ldap://elsewhere.test/" + "x" * 1_000_000))
    _server, error = searched(lambda request: itertools.repeat(message(request.message_id, reference), 20))
    assert error.error_code == "directory_too_much_data"


def test_references_are_not_followed_and_do_not_change_the_result() -> None:
    def answer(request: Request) -> list[bytes]:
        return [
            message(request.message_id, tlv(0x73, text("ldap://elsewhere.test/CN=Configuration"))),
            message(request.message_id, entry("CN=x", {"cn": ["x"]})),
            message(request.message_id, result(0x65)),
        ]

    server = Served(then(answer))
    assert [found.dn for found in opened(server).search("", "one", "(cn=x)", [])] == ["CN=x"]
    assert len(server.requests) == 3


@pytest.mark.parametrize("pieces", [1, 2, 7, 1000])
def test_an_answer_can_arrive_in_any_pieces(pieces: int) -> None:
    def answer(request: Request) -> list[bytes]:
        whole = b"".join(honest(request, {"cn": ["a" * 300, "b"]}))
        step = max(1, len(whole) // pieces)
        return [whole[at : at + step] for at in range(0, len(whole), step)]

    (found,) = opened(Served(then(answer))).search("", "base", "(cn=*)", ["cn"])
    assert found.values("cn") == (b"a" * 300, b"b")


def test_all_pages_are_asked_for_with_the_cookie_of_the_one_before() -> None:
    cookies = iter([b"one", b"two", b""])

    def answer(request: Request) -> list[bytes]:
        return [message(request.message_id, entry("CN=x", {})), message(request.message_id, result(0x65), page(next(cookies)))]

    server = Served(then(answer))
    assert len(opened(server).search("", "one", "(cn=x)", [])) == 3
    assert [(b"one" in request.data, b"two" in request.data) for request in server.requests[2:]] == [
        (False, False),
        (True, False),
        (False, True),
    ]


def test_a_server_that_ends_the_session_says_why() -> None:
    server, error = searched(lambda _request: [message(0, NOTICE)])
    assert error.error_code == "directory_connection_lost"
    assert "52 unavailable (going down)" in error.message
    assert server.closed


def test_an_ended_session_stays_ended() -> None:
    server = Served(then(lambda _request: [message(0, NOTICE)]))
    directory = opened(server)
    for _attempt in range(2):
        with pytest.raises(DirectoryError) as failed:
            directory.search("", "one", "(cn=x)", [])
        assert failed.value.error_code == "directory_connection_lost"
    directory.close()
    directory.close()
    assert len(server.requests) == 3


@pytest.mark.parametrize(("closes", "code"), [(True, "directory_connection_lost"), (False, "directory_timeout")])
def test_a_missing_answer_is_the_end_or_the_time_limit(closes: bool, code: str) -> None:
    assert searched(lambda _request: [], closes=closes)[1].error_code == code
    lost = deleted(lambda _request: [], closes=closes)
    assert isinstance(lost, AnswerLostError)
    server = Served(lambda _request: [], closes=closes)
    with pytest.raises(DirectoryUnreachableError) as failed:
        opened(server)
    assert failed.value.error_code == code
    assert server.closed


def test_a_referral_is_reported_and_not_followed() -> None:
    where = tlv(0xA3, text("ldap://evil.test/\x1b[31m"), text("ldap://b/"))
    _server, error = searched(lambda request: [message(request.message_id, result(0x65, 10, "0000202B: RefErr", where))])
    assert error.error_code == "directory_referral"
    assert "ldap://evil.test/\ufffd[31m" in error.message
    refused = deleted(lambda request: [message(request.message_id, result(0x6B, 10, "", where))])
    assert refused.error_code == "directory_read_only"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (1, "directory_failed"),
        (32, "directory_no_such_object"),
        (50, "directory_not_authorized"),
        (51, "directory_busy"),
        (53, "directory_refused"),
        (66, "directory_has_children"),
        (68, "directory_name_taken"),
        (99, "directory_failed"),
    ],
)
def test_a_result_code_is_explained_with_the_text_of_the_server_made_safe(code: int, expected: str) -> None:
    said = "acl: no\0\nmore\u202e" + "x" * 5000
    error = deleted(lambda request: [message(request.message_id, result(0x6B, code, said))])
    assert error.error_code == expected
    assert f"{code} " in error.message
    assert "acl: no more\ufffd" in error.message
    assert len(error.message) < 1000
    explanation = error.explain()
    assert explanation.next_steps
    assert explanation.category == "directory"


@pytest.mark.parametrize("early", [b"\x30", message(0, NOTICE), message(2, result(0x65)), b"\0" * 10])
def test_bytes_that_arrive_before_tls_began_are_refused(early: bytes) -> None:
    server = Served(lambda request: [message(request.message_id, result(0x78)) + early])
    with pytest.raises(DirectoryError) as failed:
        opened(server, Logon("simple", "starttls", "reader@AD.TEST", PASSWORD))
    assert failed.value.error_code == "directory_not_sealed"
    assert not server.tls
    assert [request.tag for request in server.requests] == [EXTENDED]
    assert server.closed


@pytest.mark.parametrize("code", [1, 2, 10, 52, 53])
def test_without_tls_no_password_is_sent(code: int) -> None:
    server = Served(lambda request: [message(request.message_id, result(0x78, code, "no"))])
    with pytest.raises(DirectoryError) as failed:
        opened(server, Logon("simple", "starttls", "reader@AD.TEST", PASSWORD))
    assert failed.value.error_code == "directory_no_start_tls"
    assert PASSWORD.encode() not in b"".join(server.sent)


def test_a_server_that_is_no_domain_controller_is_named() -> None:
    for root in ({}, {"namingContexts": ["dc=example"]}):
        server = Served(lambda request, root=root: honest(request, root))  # type: ignore[misc]
        with pytest.raises(DirectoryError) as failed:
            opened(server)
        assert failed.value.error_code == "directory_not_active_directory"
        assert server.closed


def test_a_refused_simple_bind_ends_the_connection_and_nothing_more_is_sent() -> None:
    server = Served(lambda request: [message(request.message_id, result(0x61, 49, "80090308: comment: x, data 775, v1db1"))])
    with pytest.raises(DirectoryError) as failed:
        opened(server)
    assert (failed.value.error_code, failed.value.subcode) == ("directory_logon_failed", "locked")
    assert [request.tag for request in server.requests] == [BIND]
    assert server.closed


@given(st.data())
def test_changed_bytes_of_an_honest_answer_have_a_result_or_an_explained_error(data: st.DataObject) -> None:
    def answer(request: Request) -> list[bytes]:
        whole = bytearray(b"".join(honest(request, {"cn": ["x"], "objectGUID": [b"\1" * 16]})))
        for _change in range(data.draw(st.integers(1, 4))):
            at = data.draw(st.integers(0, len(whole) - 1))
            kind = data.draw(st.sampled_from(["set", "cut", "insert"]))
            if kind == "set":
                whole[at] = data.draw(st.integers(0, 255))
            elif kind == "cut":
                del whole[at : at + data.draw(st.integers(1, 10))]
            else:
                whole[at:at] = data.draw(st.binary(max_size=10))
            whole = whole or bytearray(b"\0")
        return [bytes(whole)]

    directory = opened(Served(then(answer)))
    outcome: int | DirectoryError
    try:
        outcome = len(directory.search("", "base", "(cn=*)", ["cn"], limit=5))
    except DirectoryError as error:
        outcome = error
    assert outcome.explain().next_steps if isinstance(outcome, DirectoryError) else outcome <= 5


@given(st.lists(st.binary(min_size=1, max_size=40), max_size=5), st.sampled_from([BIND, SEARCH, DELETE]))
def test_any_bytes_at_any_step_are_an_explained_error(pieces: list[bytes], step: int) -> None:
    def answer(request: Request) -> Iterable[bytes]:
        return pieces if request.tag == step else honest(request)

    server = Served(answer)
    with pytest.raises(DirectoryError) as failed:
        opened(server).delete("CN=x")
    assert failed.value.explain().next_steps
    assert server.closed
