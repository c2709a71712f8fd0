# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What counts as an answer, and what everything else is called."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.module_utils._batch.errors import ServiceError
from ansible_collections.winops.volume_activation.plugins.module_utils._batch.message import Question
from ansible_collections.winops.volume_activation.plugins.module_utils._batch.response import Answer, read_answer

from .servers import ENVELOPE, soap

PID = "55041-00140-015-871562-03-1033-7078.0000-0992009"
IID = "1" * 54
CID = "123456" * 8
CONFIRMATION, REMAINING = Question(PID, IID), Question(PID)


def code_of(document: bytes, question: Question = REMAINING) -> str:
    with pytest.raises(ServiceError) as raised:
        read_answer(document, question)
    return raised.value.error_code


def test_a_confirmation_id_is_read_with_and_without_groups() -> None:
    assert read_answer(soap(f"<IID>{IID}</IID><CID>{CID}</CID>", 1), CONFIRMATION) == Answer(CID)
    grouped = "-".join([CID[:6]] * 8)
    assert read_answer(soap(f"<CID>{grouped}</CID>", 1), CONFIRMATION) == Answer(CID)


def test_the_number_of_remaining_activations_is_read() -> None:
    assert read_answer(soap("<ActivationRemaining>0</ActivationRemaining>"), REMAINING) == Answer(remaining=0)
    assert read_answer(soap("<ActivationRemaining> 412 </ActivationRemaining>"), REMAINING) == Answer(remaining=412)


@pytest.mark.parametrize(
    ("written", "code"), [("0x7F", "0x7F"), ("0x7f", "0x7F"), ("7F", "0x7F"), ("0x80131600", "0x80131600"), ("0x0090", "0x90")]
)
def test_an_error_code_has_one_form(written: str, code: str) -> None:
    assert code_of(soap(f"<ErrorInfo><ErrorCode>{written}</ErrorCode></ErrorInfo>")) == code


@pytest.mark.parametrize(("code", "is_lost"), [("0x7F", False), ("0x67", False), ("0x68", False), ("0x86", False), ("0x90", False)])
def test_a_code_that_is_explained_is_a_refusal(code: str, is_lost: bool) -> None:
    assert ServiceError(code).is_lost is is_lost
    assert ServiceError(code).explain().known


def test_a_code_that_nobody_explains_is_unknown_and_not_used() -> None:
    error = ServiceError("0x80131600")
    assert error.is_lost
    assert not error.explain().known
    assert "does not show whether" in error.explain().cause


@pytest.mark.parametrize(
    ("content", "kind", "question"),
    [
        ("", 1, CONFIRMATION),
        ("<CID></CID>", 1, CONFIRMATION),
        ("<CID>12345</CID>", 1, CONFIRMATION),
        (f"<CID>{'x' * 48}</CID>", 1, CONFIRMATION),
        (f"<CID>{CID}</CID><CID>{CID}</CID>", 1, CONFIRMATION),
        (f"<IID>{'2' * 54}</IID><CID>{CID}</CID>", 1, CONFIRMATION),
        (f"<CID>{CID}</CID>", 2, CONFIRMATION),
        ("<ActivationRemaining>-1</ActivationRemaining>", 2, REMAINING),
        ("<ActivationRemaining>many</ActivationRemaining>", 2, REMAINING),
        (f"<ActivationRemaining>{'9' * 5000}</ActivationRemaining>", 2, REMAINING),
        ("<ErrorCode>no luck</ErrorCode>", 2, REMAINING),
    ],
)
def test_what_is_no_answer_to_the_question_is_invalid(content: str, kind: int, question: Question) -> None:
    assert code_of(soap(content, kind), question) == "response_invalid"


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"<html><body>Welcome</body></html>",
        b"not XML",
        ENVELOPE.format(inner="not XML").encode(),
        b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        b"<a>" * 30 + b"</a>" * 30,
        b"<a>" + b"<b/>" * 3000 + b"</a>",
        soap("<ActivationRemaining>1</ActivationRemaining>").decode().encode("utf-16"),
    ],
)
def test_garbage_is_invalid(document: bytes) -> None:
    assert code_of(document) == "response_invalid"


def test_a_fault_is_shown_in_one_line() -> None:
    fault = (
        b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault><faultcode>s:Client</faultcode>'
        b"<faultstring>Wrong\n digest\x7f</faultstring></s:Fault></s:Body></s:Envelope>"
    )
    with pytest.raises(ServiceError) as raised:
        read_answer(fault, REMAINING)
    assert (raised.value.error_code, raised.value.detail) == ("service_fault", "Wrong digest\ufffd")


@given(st.binary(max_size=400))
def test_no_bytes_end_in_another_error(document: bytes) -> None:
    for question in (CONFIRMATION, REMAINING):
        with pytest.raises(ServiceError):
            read_answer(document, question)


@given(st.text(alphabet="<>/&;CIDErrorCode0123456789x \n", max_size=200))
def test_no_inner_text_ends_in_another_error(text: str) -> None:
    with pytest.raises(ServiceError):
        read_answer(ENVELOPE.format(inner=text.replace("&", "&amp;").replace("<", "&lt;")).encode(), REMAINING)
