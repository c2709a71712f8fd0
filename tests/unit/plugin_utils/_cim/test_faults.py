# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which code and which words of a fault count."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.faults import Fault
from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.reply import read_reply

from . import answers

CANNOT_PROCESS_FILTER = 0x8033801A
hresults = st.integers(1, 0xFFFFFFFF).filter(lambda code: code >> 12 != 0x80338)


def fault(body: str) -> Fault:
    found = read_reply(answers.envelope(body)).fault
    assert found is not None
    return found


@given(hresults)
def test_the_hresult_of_a_provider_is_found_in_both_shapes(code: int) -> None:
    assert fault(answers.fault_winrm3(code, "no")).code == code
    assert fault(answers.fault_winrm2(CANNOT_PROCESS_FILTER, "no", inner=code)).code == code
    assert fault(answers.fault_winrm2(CANNOT_PROCESS_FILTER, "no", status_code=code)).code == code
    assert fault(answers.fault_winrm2(CANNOT_PROCESS_FILTER, f"The provider returned an unknown error: HRESULT 0x{code:08x}")).code == code
    assert fault(answers.fault_plain(code, "no", "w:InternalError")).code == code


def test_a_negative_code_is_the_same_number_unsigned() -> None:
    assert fault(answers.fault_winrm2(CANNOT_PROCESS_FILTER, "no", status_code=0xC004F074 - (1 << 32))).code == 0xC004F074


def test_the_code_of_the_text_id_comes_before_the_number_beside_it() -> None:
    assert fault(answers.fault_winrm3(0x80041001, "no", message_id="HRESULT 0xc004f074")).code == 0xC004F074


def test_a_code_of_the_protocol_gives_way_to_one_of_the_provider_wherever_that_stands() -> None:
    assert fault(answers.fault_winrm3(0x803381A5, "HRESULT 0xC004F074 it was", message_id="HRESULT 0x803381a5")).code == 0xC004F074


def test_without_a_provider_code_the_innermost_code_of_the_protocol_counts() -> None:
    assert fault(answers.fault_winrm2(0x80338000, "no", inner=CANNOT_PROCESS_FILTER)).code == CANNOT_PROCESS_FILTER


def test_a_fault_without_any_code_is_an_unspecified_failure() -> None:
    assert fault("<s:Fault><s:Code><s:Value>s:Sender</s:Value></s:Code></s:Fault>") == Fault(0x80004005, "", "")


def test_a_timeout_is_known_by_its_subcode_alone() -> None:
    bare = fault("<s:Fault><s:Code><s:Value>s:Receiver</s:Value><s:Subcode><s:Value>w:TimedOut</s:Value></s:Subcode></s:Code></s:Fault>")
    assert bare.timed_out
    assert fault(answers.fault_timed_out()).timed_out


def test_a_provider_that_failed_did_not_time_out() -> None:
    assert not fault(answers.fault_winrm2(2150858793, "no", inner=0xC004F074, subcode="w:TimedOut")).timed_out


@pytest.mark.parametrize("build", [answers.fault_winrm2, answers.fault_winrm3])
def test_the_most_specific_text_is_kept_in_one_line(build: object) -> None:
    assert callable(build)
    assert fault(build(0xC004F074, "The key management\n   service could not be reached. ")).text == (
        "The key management service could not be reached."
    )


def test_without_a_message_the_reason_is_the_text() -> None:
    assert fault(
        answers.fault_plain(5, "", "w:AccessDenied").replace("<s:Text", "<s:Text ").replace('en-US"></s:Text>', 'en-US">Denied</s:Text>')
    ) == (Fault(5, "Denied", "AccessDenied"))


@pytest.mark.parametrize("code", ["", "x", "0x5", "1.5", "-", "\u0663x", "0"])
def test_a_code_that_is_no_number_is_passed_over(code: str) -> None:
    body = answers.fault_plain(7, "no", "w:InternalError").replace('Code="7"', f'Code="{code}"')
    assert fault(body).code == 0x80004005


@pytest.mark.parametrize(
    ("message_id", "error_type", "number", "code"),
    [
        ("HRESULT 0x80070005", "HRESULT", 0x80070005, 0x80070005),
        ("WIN32 5", "WIN32", 5, 0x80070005),
        ("Windows System Error 5", "WIN32", 5, 0x80070005),
        ("windows system error 1115", "", 1115, 0x8007045B),
        ("MI RESULT 5", "MI", 5, 0x80041010),
        ("MI RESULT 2", "MI", 2, 0x80041003),
        ("MI RESULT 6", "", 6, 0x80041002),
        ("MI RESULT 28", "MI", 28, 0x80041033),
        ("MI RESULT 22", "MI", 22, 0x80041001),
        ("", "WIN32", 5, 0x80070005),
        ("", "MI", 5, 0x80041010),
        ("", "HRESULT", 0xC004F074, 0xC004F074),
        ("", "", 0xC004F074, 0xC004F074),
        ("WIN32 2147943515", "WIN32", 0x8007045B, 0x8007045B),
    ],
)
def test_a_number_counts_as_what_its_type_says_it_is(message_id: str, error_type: str, number: int, code: int) -> None:
    assert fault(answers.fault_winrm3(number, "no", message_id=message_id, error_type=error_type)).code == code


@pytest.mark.parametrize(("message_id", "error_type"), [("StorageWMI 5", "StorageWMI"), ("StorageWMI 5", ""), ("StorageWMI 5", "5")])
def test_a_number_only_its_provider_can_read_is_no_code_of_windows(message_id: str, error_type: str) -> None:
    body = answers.fault_winrm3(5, "no", message_id=message_id, error_type=error_type)
    assert fault(body.replace("<p:CIMStatusCode>27<", "<p:CIMStatusCode>6<")).code == 0x80041002
    assert fault(body.replace("<p:CIMStatusCode>27</p:CIMStatusCode>", "")).code == 0x80004005
    assert fault(body.replace(">no<", ">The provider said HRESULT 0xc004f074.<")).code == 0xC004F074


@given(st.integers(0, 0xFFFFFFFF), st.sampled_from(["HRESULT", "WIN32", "MI", "Windows System Error", "MI RESULT", "Own", ""]))
def test_any_number_of_any_type_is_a_code_of_32_bits_and_never_none(number: int, error_type: str) -> None:
    code = fault(answers.fault_winrm3(number, "no", message_id="", error_type=error_type)).code
    assert 0 < code <= 0xFFFFFFFF
    if error_type in ("WIN32", "MI", "MI RESULT") and number <= 0xFFFF:
        assert code > 0xFFFF
