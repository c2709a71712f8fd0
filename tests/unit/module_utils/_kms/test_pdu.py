# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The bind that is sent, and every sound, odd or hostile answer to it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.module_utils._kms import pdu

from . import answers


def test_the_bind_is_the_one_of_the_specification_octet_by_octet() -> None:
    assert pdu.bind() == answers.BIND


@pytest.mark.parametrize("address", [b"", b"\0", b"1688\0", b"135\0", b"\\PIPE\\x\0"], ids=len)
def test_an_accepted_interface_is_found_behind_an_address_of_any_length(address: bytes) -> None:
    assert pdu.read_answer(answers.bind_ack(address=address)).verdict is pdu.PduVerdict.ACCEPTED


def test_a_server_may_write_its_integers_the_other_way_round() -> None:
    assert len(answers.BIG_ENDIAN_ACK) == 60
    assert pdu.read_answer(answers.BIG_ENDIAN_ACK).verdict is pdu.PduVerdict.ACCEPTED


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (answers.bind_ack(2, 1, syntax=answers.NO_SYNTAX), "result 2, reason 1"),
        (answers.bind_ack(1, 0, syntax=answers.NO_SYNTAX), "result 1, reason 0"),
        (answers.bind_nak(4), "reason 4"),
        (answers.fault(5), "fault"),
    ],
)
def test_a_server_that_does_not_know_the_interface_rejects_it(answer: bytes, words: str) -> None:
    found = pdu.read_answer(answer)
    assert found.verdict is pdu.PduVerdict.REJECTED
    assert words in found.detail


@pytest.mark.parametrize("answer", [answers.bind_nak(1), answers.bind_nak(2), answers.bind_ack(2, 3, syntax=answers.NO_SYNTAX)])
def test_a_server_without_room_has_said_nothing_about_the_interface(answer: bytes) -> None:
    assert pdu.read_answer(answer).verdict is pdu.PduVerdict.NO_ROOM


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (b"", "does not begin as an RPC message does"),
        (b"HTTP/1.1 400 Bad Request\r\n", "does not begin as an RPC message does"),
        (b"\x05\x00\x0c", "3 octets are too few"),
        (b"\x05\x07" + answers.bind_ack()[2:], "does not begin as an RPC message does"),
        (answers.bind_ack()[:-1], "cut short"),
        (answers.bind_ack() + b"\0", "something follows it"),
        (answers.header(12, 15) + bytes(20), "15 octets"),
        (answers.header(12, 5841) + bytes(5825), "5841 octets"),
        (answers.header(12, 16), "shorter than what it announces"),
        (answers.header(13, 16), "shorter than what it announces"),
        (answers.bind_ack(call=2), "a call that was not made"),
        (answers.header(2, 24) + bytes(8), "type 2"),
        (answers.bind_ack(syntax=answers.NO_SYNTAX), "an encoding that was not offered"),
        (answers.header(12, 28) + bytes.fromhex("d016d016000000000000 0000"), "shorter than what it announces"),
        (answers.header(12, 32) + bytes.fromhex("d016d016000000000000 0000 00000000"), "names no result"),
        (answers.header(12, 26) + bytes.fromhex("d016d01600000000ffff"), "shorter than what it announces"),
    ],
)
def test_what_is_no_sound_answer_is_refused_in_words(message: bytes, words: str) -> None:
    with pytest.raises(pdu.PduError, match=words):
        pdu.read_answer(message)


@given(st.one_of(st.binary(max_size=120), st.binary(max_size=60).map(lambda tail: answers.header(12, 16 + len(tail)) + tail)))
def test_no_octets_make_the_reader_stumble(message: bytes) -> None:
    try:
        words = pdu.read_answer(message).detail
    except pdu.PduError as error:
        words = str(error)
    assert words


@given(st.integers(min_value=0, max_value=59), st.integers(min_value=0, max_value=255))
def test_one_wrong_octet_never_turns_a_rejection_into_an_acceptance(place: int, octet: int) -> None:
    """Not even the octet of the result itself: an acceptance has to name the encoding as well."""
    rejected = answers.bind_ack(2, 1, syntax=answers.NO_SYNTAX)
    assert len(rejected) == 60
    spoilt = rejected[:place] + bytes([octet]) + rejected[place + 1 :]
    try:
        verdict = pdu.read_answer(spoilt).verdict
    except pdu.PduError:
        return
    assert verdict is not pdu.PduVerdict.ACCEPTED


@given(st.integers(min_value=0, max_value=60))
def test_half_an_answer_is_no_answer(length: int) -> None:
    whole = answers.bind_ack()
    if length < len(whole):
        with pytest.raises(pdu.PduError):
            pdu.read_answer(whole[:length])
