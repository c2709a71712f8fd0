# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Queries over their pages, and when a read is repeated."""

from __future__ import annotations

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim import wsman
from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.limits import MachineLimits
from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.session import (
    CimError,
    CimPath,
    CimSession,
    ResponseTooLargeError,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.transport import (
    CredentialsRejectedError,
    RequestNotSentError,
    ResponseLostError,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.wsman import Session, Timeouts
from ansible_collections.winops.volume_activation.plugins.plugin_utils._errors import UnreachableError, VolumeActivationError

from . import answers
from .answers import Machine, first_page, instance, next_page

WQL = "SELECT * FROM SoftwareLicensingProduct WHERE PartialProductKey IS NOT NULL"
REGISTRY = CimPath("StdRegProv", namespace="root/default")


def some(*names: str) -> list[str]:
    return [instance("SoftwareLicensingProduct", {"ID": name}) for name in names]


def ids(session: CimSession) -> list[str | None]:
    return [found.text("ID") for found in session.query(WQL)]


def dropped() -> ResponseLostError:
    return ResponseLostError("the connection was dropped (reset)", again=True)


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


def test_a_machine_that_sends_empty_pages_for_ever_is_left() -> None:
    machine = Machine(first_page(some("a"), "uuid:1", ended=False), next_page([], "uuid:1", ended=False), endless=True)
    with pytest.raises(UnreachableError, match="does not end"):
        ids(Session(machine))
    assert len(machine.messages) == 1 + wsman.MAX_EMPTY_PAGES


def test_a_machine_that_sends_instances_for_ever_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wsman, "MAX_INSTANCES", 20)
    machine = Machine(first_page(some("a"), "uuid:1", ended=False), next_page(some("b", "c"), "uuid:1", ended=False), endless=True)
    with pytest.raises(UnreachableError, match="does not end"):
        ids(Session(machine))
    assert len(machine.messages) == 11


def test_a_pull_that_timed_out_is_pulled_again_with_the_same_context() -> None:
    machine = Machine(
        first_page(some("a"), "uuid:1", ended=False), answers.fault_timed_out(), answers.fault_timed_out(), next_page(some("b"))
    )
    assert ids(Session(machine)) == ["a", "b"]
    assert all(b"uuid:1<" in message for message in machine.messages[1:])


def test_a_pull_that_always_times_out_ends() -> None:
    machine = Machine(first_page(some("a"), "uuid:1", ended=False), answers.fault_timed_out(), endless=True)
    with pytest.raises(UnreachableError, match="does not end"):
        ids(Session(machine))
    assert len(machine.messages) == 1 + wsman.MAX_EMPTY_PAGES / wsman.TIMED_OUT_PULL


def test_a_fault_says_the_operation_the_code_and_the_machines_words() -> None:
    with pytest.raises(CimError) as failed:
        ids(Session(Machine(answers.fault_winrm2(2150858778, "The class does not exist."))))
    assert (failed.value.code, failed.value.operation) == (0x8033801A, "Query of SoftwareLicensingProduct")
    assert str(failed.value) == "Query of SoftwareLicensingProduct failed with 0x8033801A: The class does not exist."


def test_a_fault_in_the_middle_of_the_pages_fails_the_query() -> None:
    machine = Machine(first_page(some("a"), "uuid:1", ended=False), answers.fault_winrm3(0x80041001, "no"))
    with pytest.raises(CimError, match="0x80041001"):
        ids(Session(machine))


def test_a_read_over_a_dropped_connection_is_repeated_once_on_a_new_one() -> None:
    machine = Machine(dropped(), first_page(some("a")))
    assert ids(Session(machine)) == ["a"]
    assert machine.resets == [1]


def test_a_query_dropped_between_pages_starts_again_and_counts_nothing_twice() -> None:
    machine = Machine(
        first_page(some("a"), "uuid:1", ended=False), dropped(), first_page(some("a"), "uuid:2", ended=False), next_page(some("b"))
    )
    assert ids(Session(machine)) == ["a", "b"]
    assert machine.actions == ["Enumerate", "Pull", "Enumerate", "Pull"]


def test_a_read_is_not_repeated_twice() -> None:
    machine = Machine(dropped(), dropped())
    with pytest.raises(
        UnreachableError, match=r"^http://machine.example:5985/wsman: the connection was dropped \(reset\)\. Check .* run the task again\.$"
    ):
        ids(Session(machine))
    assert len(machine.messages) == 2


def test_a_silent_machine_is_not_asked_again() -> None:
    machine = Machine(ResponseLostError("no complete response in time", again=False))
    with pytest.raises(UnreachableError, match=r"no complete response in time\. Check that the machine is running"):
        ids(Session(machine))
    assert len(machine.messages) == 1


def test_a_method_that_only_reads_is_repeated_like_a_query() -> None:
    machine = Machine(dropped(), answers.output("StdRegProv", "GetStringValue", {"sValue": "Professional"}))
    result = Session(machine).invoke(REGISTRY, "GetStringValue", {"sValueName": "EditionID"}, read_only=True)
    assert result.outputs.text("sValue") == "Professional"
    assert machine.actions == ["GetStringValue", "GetStringValue"]


def test_credentials_refused_at_first_are_not_tried_again() -> None:
    machine = Machine(CredentialsRejectedError("refused user x"))
    with pytest.raises(UnreachableError, match="refused user x"):
        ids(Session(machine))
    assert len(machine.messages) == 1


def test_credentials_refused_on_a_connection_that_worked_are_tried_once_more() -> None:
    machine = Machine(
        first_page(some("a")),
        CredentialsRejectedError("refused"),
        first_page(some("b")),
        CredentialsRejectedError("refused"),
        CredentialsRejectedError("gone"),
    )
    session = Session(machine)
    assert ids(session) == ["a"]
    assert ids(session) == ["b"]
    with pytest.raises(UnreachableError, match="gone"):
        ids(session)
    assert len(machine.messages) == 5


def test_a_machine_that_cannot_be_reached_is_not_tried_again() -> None:
    machine = Machine(RequestNotSentError("connection refused"))
    with pytest.raises(UnreachableError, match="connection refused"):
        ids(Session(machine))
    assert len(machine.messages) == 1


def test_a_read_that_timed_out_is_repeated_once_on_the_same_connection() -> None:
    machine = Machine(answers.fault_timed_out(), first_page(some("a")))
    assert ids(Session(machine)) == ["a"]
    assert machine.resets == []


def test_a_read_that_timed_out_twice_says_how_long_it_was_given() -> None:
    machine = Machine(answers.fault_timed_out(), answers.fault_timed_out())
    with pytest.raises(CimError, match=r"failed with 0x80338029: no result within 7 seconds$"):
        ids(Session(machine, Timeouts(read=7)))
    assert len(machine.messages) == 2


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


def test_a_query_ends_within_its_own_time_however_small_its_pages_are() -> None:
    now = [0.0]
    machine = Machine(first_page(some("a"), "uuid:1", ended=False), next_page(some("b"), "uuid:1", ended=False), endless=True)

    def pass_a_second() -> None:
        now[0] += 1

    machine.on_send = pass_a_second
    timeouts = Timeouts(read=1, margin=1)
    with pytest.raises(UnreachableError, match=r"did not end within 20 seconds.*shorter time"):
        ids(Session(machine, timeouts, lambda: now[0]))
    assert timeouts.query == 20
    assert (len(machine.messages), machine.timeouts[0], machine.timeouts[-1]) == (20, 2, 1)


def test_a_query_may_take_ten_times_what_a_message_may() -> None:
    assert Timeouts().query == 300


def test_a_query_of_endless_pages_of_one_instance_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wsman, "MAX_PAGES", 30)
    machine = Machine(first_page(some("a"), "uuid:1", ended=False), next_page(some("b"), "uuid:1", ended=False), endless=True)
    with pytest.raises(UnreachableError, match="does not end; 30 instances"):
        ids(Session(machine))
    assert len(machine.messages) == 30


def test_a_task_whose_answers_take_too_much_memory_is_left() -> None:
    page = next_page([instance("C", {"Text": "x" * 10_000})], "uuid:1", ended=False)
    machine = Machine(first_page(some("a"), "uuid:1", ended=False), page, endless=True)
    with pytest.raises(UnreachableError, match=r"more memory than a task can use.*shorter time"):
        ids(light(machine))
    assert 8 <= len(machine.messages) <= 10


def light(machine: Machine) -> Session:
    """A session that keeps at most 100 thousand bytes."""
    session = Session(machine)
    session.limit(MachineLimits(weight=100_000))
    return session


def heavy_session() -> Session:
    """Each answer takes some 30 of 100 thousand bytes."""
    return light(Machine(first_page([instance("C", {"Text": "x" * 30_000})]), endless=True))


def test_different_queries_of_one_task_are_counted_together_and_those_of_the_next_anew() -> None:
    session = heavy_session()
    for _ in range(3):
        session.query(f"{WQL} WHERE ID=1")
        session.query(f"{WQL} WHERE ID=2")
        session.begin_task()
    for number in range(3):
        session.query(f"{WQL} WHERE ID={number}")
    with pytest.raises(ResponseTooLargeError, match="more memory than a task can use"):
        session.query(f"{WQL} WHERE ID=3")


def test_a_task_that_waits_may_ask_the_same_as_often_as_it_takes() -> None:
    """Four hours of waiting for a count are some 250 looks, and the answers to all but the last two are gone."""
    session = heavy_session()
    for _ in range(500):
        session.query(WQL)
    session.query(f"{WQL} WHERE ID=1")
    with pytest.raises(ResponseTooLargeError):
        session.query(f"{WQL} WHERE ID=2")


def test_what_was_read_before_a_query_was_sent_again_does_not_count() -> None:
    page = first_page([instance("C", {"Text": "x" * 60_000})], "uuid:1", ended=False)
    whole = first_page([instance("C", {"ID": "a", "Text": "x" * 60_000})])
    assert ids(light(Machine(page, ResponseLostError("dropped", again=True), whole))) == ["a"]


def test_the_time_limit_of_a_machine_shortens_each_message_and_ends_its_session() -> None:
    now = [0.0]
    machine = Machine(first_page(some("a")), endless=True)

    def pass_some_seconds() -> None:
        now[0] += 12

    machine.on_send = pass_some_seconds
    session = Session(machine, clock=lambda: now[0])
    session.limit(MachineLimits(35.0, 35.0))
    for _ in range(3):
        session.query(WQL)
    with pytest.raises(UnreachableError, match="did not complete all requests within 35 seconds"):
        session.query(WQL)
    assert machine.timeouts == [30.0, 23.0, 11.0]


def test_the_pause_before_a_second_attempt_ends_with_the_time_of_the_machine() -> None:
    now = [0.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    machine = Machine(ResponseLostError("busy", again=True, pause=30.0), first_page(some("a")))
    session = Session(machine, clock=lambda: now[0], sleep=sleep)
    session.limit(MachineLimits(5.0, 5.0))
    with pytest.raises(UnreachableError, match="did not complete all requests within 5 seconds"):
        session.query(WQL)
    assert (len(machine.messages), now[0]) == (1, 5.0)


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


def test_a_read_waits_for_its_answer_longer_than_the_machine_may_take() -> None:
    machine = Machine(first_page([]))
    Session(machine, Timeouts(read=20, write=60, margin=10)).query(WQL)
    assert machine.timeouts == [30]
    assert b"<w:OperationTimeout>PT20.000S</w:OperationTimeout>" in machine.messages[0]


def test_a_connection_idle_for_long_is_replaced_before_it_is_used_again() -> None:
    now = 1000.0
    machine = Machine(first_page([]), endless=True)
    session = Session(machine, clock=lambda: now)
    for wait, resets in ((0.0, []), (wsman.MAX_IDLE, []), (wsman.MAX_IDLE + 1, [2]), (1.0, [2])):
        now += wait
        session.query(WQL)
        assert machine.resets == resets


def test_a_closed_session_lets_go_of_its_connection_as_often_as_it_is_told() -> None:
    machine = Machine()
    session = Session(machine)
    session.close()
    session.close()
    assert machine.resets == [0, 0]


class Pauses:
    """Takes the place of sleeping, and remembers for how long and after how many messages."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.taken: list[tuple[float, int]] = []

    def __call__(self, seconds: float) -> None:
        self.taken.append((seconds, len(self.machine.messages)))


def unavailable(pause: float = 2.0, *, again: bool = True) -> ResponseLostError:
    return ResponseLostError(
        "HTTP 503: the service is not available", again=again, steps=("Check that the service WinRM runs.",), pause=pause
    )


def test_a_read_that_met_a_momentary_503_is_sent_again_once_after_a_pause() -> None:
    machine = Machine(unavailable(3.0), first_page(some("a")))
    pauses = Pauses(machine)
    assert ids(Session(machine, sleep=pauses)) == ["a"]
    assert (machine.actions, pauses.taken) == (["Enumerate", "Enumerate"], [(3.0, 1)])


def test_a_service_that_stays_unavailable_makes_the_machine_unreachable_with_its_own_step() -> None:
    machine = Machine(unavailable(), unavailable())
    pauses = Pauses(machine)
    with pytest.raises(UnreachableError, match=r"HTTP 503: the service is not available\. Check that the service WinRM runs"):
        ids(Session(machine, sleep=pauses))
    assert (len(machine.messages), len(pauses.taken)) == (2, 1)


def test_a_service_that_asks_for_a_long_pause_is_not_waited_for() -> None:
    machine = Machine(unavailable(0.0, again=False))
    pauses = Pauses(machine)
    with pytest.raises(UnreachableError, match="HTTP 503"):
        ids(Session(machine, sleep=pauses))
    assert (len(machine.messages), pauses.taken) == (1, [])


@pytest.mark.parametrize("build", [answers.fault_winrm2, answers.fault_winrm3])
@pytest.mark.parametrize("code", [1115, 0x8007045B])
def test_a_machine_that_shuts_down_is_unreachable_in_its_own_words_and_not_asked_again(build: object, code: int) -> None:
    assert callable(build)
    machine = Machine(build(code, "no"))
    with pytest.raises(UnreachableError, match=r"machine\.example:5985/wsman: the machine is shutting down or restarting") as failed:
        ids(Session(machine))
    assert (failed.value.error_code, failed.value.transient) == ("unreachable", True)
    assert "wait_for_connection" in str(failed.value)
    assert len(machine.messages) == 1
