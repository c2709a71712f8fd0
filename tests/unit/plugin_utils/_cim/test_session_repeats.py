# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When a read is sent again, and on which connection."""

from __future__ import annotations

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim import wsman
from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.session import (
    CimError,
    CimPath,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.transport import (
    CredentialsRejectedError,
    RequestNotSentError,
    ResponseLostError,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.wsman import Session, Timeouts
from ansible_collections.winops.volume_activation.plugins.plugin_utils._errors import UnreachableError

from . import answers
from .answers import Machine, first_page, next_page
from .reads import WQL, dropped, ids, some

REGISTRY = CimPath("StdRegProv", namespace="root/default")


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
