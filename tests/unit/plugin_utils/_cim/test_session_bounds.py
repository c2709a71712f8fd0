# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A read has an end in time, pages, and memory, whatever the machine sends."""

from __future__ import annotations

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim import wsman
from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.limits import MachineLimits
from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.session import ResponseTooLargeError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.transport import ResponseLostError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.wsman import Session, Timeouts
from ansible_collections.winops.volume_activation.plugins.plugin_utils._errors import UnreachableError

from . import answers
from .answers import Machine, first_page, instance, next_page
from .reads import WQL, ids, some


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


def test_a_pull_that_always_times_out_ends() -> None:
    machine = Machine(first_page(some("a"), "uuid:1", ended=False), answers.fault_timed_out(), endless=True)
    with pytest.raises(UnreachableError, match="does not end"):
        ids(Session(machine))
    assert len(machine.messages) == 1 + wsman.MAX_EMPTY_PAGES / wsman.TIMED_OUT_PULL


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


def test_a_read_waits_for_its_answer_longer_than_the_machine_may_take() -> None:
    machine = Machine(first_page([]))
    Session(machine, Timeouts(read=20, write=60, margin=10)).query(WQL)
    assert machine.timeouts == [30]
    assert b"<w:OperationTimeout>PT20.000S</w:OperationTimeout>" in machine.messages[0]
