# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Queries over their pages, and which answers are believed."""

from __future__ import annotations

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.session import CimError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.wsman import Session
from ansible_collections.winops.volume_activation.plugins.plugin_utils._errors import UnreachableError, VolumeActivationError

from . import answers
from .answers import Machine, first_page, next_page
from .reads import WQL, ids, some


def test_one_complete_page_costs_one_request() -> None:
    machine = Machine(first_page(some("a")))
    assert ids(Session(machine)) == ["a"]
    assert machine.actions == ["Enumerate"]


def test_pages_are_pulled_until_the_mark_of_the_end_with_the_newest_context() -> None:
    machine = Machine(
        first_page(some("a"), "uuid:1", ended=False),
        next_page(some("b", "c"), "uuid:2", ended=False),
        next_page([], ended=False),  # an empty page in the middle, and none that changes the context
        next_page(some("d")),
    )
    assert ids(Session(machine)) == ["a", "b", "c", "d"]
    assert machine.actions == ["Enumerate", "Pull", "Pull", "Pull"]
    assert [b"uuid:1" in machine.messages[1], b"uuid:2" in machine.messages[2], b"uuid:2" in machine.messages[3]] == [True] * 3


def test_ten_thousand_instances_cost_one_request_a_page() -> None:
    pages = [next_page(some(*(f"{page}-{row}" for row in range(100))), f"uuid:{page}", ended=page == 99) for page in range(100)]
    machine = Machine(first_page(some("first"), "uuid:x", ended=False), *pages)
    assert len(ids(Session(machine))) == 10_001
    assert len(machine.messages) == 101


def test_a_query_without_a_result_is_an_empty_list() -> None:
    assert Session(Machine(first_page([]))).query(WQL) == []


def test_a_page_without_end_or_context_is_an_error_and_no_short_list() -> None:
    machine = Machine(first_page(some("a"), "", ended=False))
    with pytest.raises(UnreachableError, match=r"http://machine\.example:5985/wsman: Query of SoftwareLicensingProduct is incomplete"):
        ids(Session(machine))


def test_a_pull_that_timed_out_is_pulled_again_with_the_same_context() -> None:
    machine = Machine(
        first_page(some("a"), "uuid:1", ended=False), answers.fault_timed_out(), answers.fault_timed_out(), next_page(some("b"))
    )
    assert ids(Session(machine)) == ["a", "b"]
    assert all(b"uuid:1<" in message for message in machine.messages[1:])


def test_a_fault_says_the_operation_the_code_and_the_machines_words() -> None:
    with pytest.raises(CimError) as failed:
        ids(Session(Machine(answers.fault_winrm2(2150858778, "The class does not exist."))))
    assert (failed.value.code, failed.value.operation) == (0x8033801A, "Query of SoftwareLicensingProduct")
    assert str(failed.value) == "Query of SoftwareLicensingProduct failed with 0x8033801A: The class does not exist."


def test_a_fault_in_the_middle_of_the_pages_fails_the_query() -> None:
    machine = Machine(first_page(some("a"), "uuid:1", ended=False), answers.fault_winrm3(0x80041001, "no"))
    with pytest.raises(CimError, match="0x80041001"):
        ids(Session(machine))


def test_the_answer_to_another_request_is_not_believed() -> None:
    machine = Machine(answers.envelope(first_page(some("wrong")), "uuid:other"), first_page(some("right")))
    assert ids(Session(machine)) == ["right"]


@pytest.mark.parametrize("encrypted", [True, False])
def test_an_answer_that_names_no_request_is_a_lost_connection(encrypted: bool) -> None:
    machine = Machine(answers.envelope(first_page(some("old"))), first_page(some("right")))
    machine.encrypted = encrypted
    assert ids(Session(machine)) == ["right"]
    assert machine.resets == [1]


def test_a_fault_that_names_no_request_is_taken_where_only_the_machine_can_have_written_it() -> None:
    machine = Machine(answers.envelope(answers.fault_winrm3(2150859173, "too many operations")))
    with pytest.raises(CimError, match="0x803381A5"):
        ids(Session(machine))


def test_a_fault_that_names_no_request_is_a_lost_connection_where_anybody_can_have_written_it() -> None:
    machine = Machine(answers.envelope(answers.fault_winrm3(2150859173, "too many operations")), endless=True)
    machine.encrypted = False
    with pytest.raises(UnreachableError, match="does not identify its request"):
        ids(Session(machine))
    assert machine.actions == ["Enumerate", "Enumerate"]


def test_a_fault_that_names_another_request_is_a_lost_connection_everywhere() -> None:
    machine = Machine(answers.envelope(answers.fault_winrm3(2150859173, "too many operations"), "uuid:other"), endless=True)
    with pytest.raises(UnreachableError, match="belongs to another request"):
        ids(Session(machine))


def test_the_case_of_the_request_id_does_not_matter() -> None:
    machine = Machine()
    machine.on_send = lambda: machine.script.append(
        answers.envelope(first_page(some("a")), answers.message_id(machine.messages[0]).lower())
    )
    assert ids(Session(machine)) == ["a"]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"<html/>", "the response is not a WS-Management message: it is a <html> and not a SOAP envelope"),
        (b"<!DOCTYPE x><x/>", "the response is not a WS-Management message: it declares a document type, which SOAP does not allow"),
        (b"", "the response is not a WS-Management message: it is not well-formed XML"),
        ("", "the response contains nothing instead of EnumerateResponse"),
        (next_page([]), "the response contains PullResponse instead of EnumerateResponse"),
        (answers.output("C", "M", {}), "the response contains M_OUTPUT instead of EnumerateResponse"),
    ],
)
def test_an_answer_that_is_none_makes_the_machine_unreachable_in_one_line(answer: str | bytes, reason: str) -> None:
    machine = Machine(answer)
    with pytest.raises(UnreachableError) as failed:
        ids(Session(machine))
    assert reason in str(failed.value)
    assert "\n" not in str(failed.value)
    assert len(machine.messages) == 1


def test_a_bad_argument_is_refused_before_anything_is_sent() -> None:
    machine = Machine()
    with pytest.raises(VolumeActivationError, match="the query contains a character"):
        Session(machine).query("SELECT \0")
    assert machine.messages == []
