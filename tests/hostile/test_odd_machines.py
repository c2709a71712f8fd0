# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A machine that turns odd at one of its answers, or at all from one on: every way out of a task says what was done before."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.transport import (
    RequestNotSentError,
    ResponseLostError,
)

from .honesty import assert_honest
from .in_process import CHANGERS, JOBS, Clock, Job, Replay, Tape, action_for, fault, related, run

Oddity = Callable[[bytes, bytes], bytes]
_TIMED_OUT = 2150858793
_DENIED = 0x80070005


class TaskTimeout(BaseException):
    """As Ansible raises it in the middle of a task."""


def raising(problem: Callable[[], BaseException]) -> Oddity:
    """A new exception each time: one that is raised again keeps the traceback of all the runs before, and their frames."""

    def turn(_message: bytes, _answer: bytes) -> bytes:
        raise problem()

    return turn


def saying(answer: bytes) -> Oddity:
    return lambda message, _answer: related(answer, message)


def reporting(**values: str) -> Oddity:
    """The same answer with other values of these properties."""

    def turn(_message: bytes, answer: bytes) -> bytes:
        for name, value in values.items():
            pattern = rb"<((?:\w+:)?%s)(?: [^<>]*)?(?:/>|>.*?</\1>)" % name.encode()
            answer = re.sub(
                pattern, lambda found, text=value: b"<%s>%s</%s>" % (found[1], text.encode(), found[1]), answer, flags=re.DOTALL
            )
        return answer

    return turn


FAMILY: dict[str, Oddity] = {
    "dropped": raising(partial(ResponseLostError, "the connection was dropped", again=True)),
    "refused": raising(partial(RequestNotSentError, "http://machine.corp.lab:5985/wsman: connection refused.")),
    "garbage": saying(b"garbage"),
    "denied": saying(fault(_DENIED, "Access is denied.")),
    "timed out": saying(fault(_TIMED_OUT, "The operation timed out.", "w:TimedOut")),
    "grace of 8000 years": reporting(GracePeriodRemaining="4294967294"),
    "negative grace": reporting(GracePeriodRemaining="-1000000"),
    "grace beyond all numbers": reporting(GracePeriodRemaining="1000000000000000000"),
    "status 77": reporting(LicenseStatus="77"),
    "no status": reporting(LicenseStatus=""),
    "no dates": reporting(TrustedTime="NaN", EvaluationEndDate="NaN", LastBootUpTime="NaN", TimeGenerated="NaN", CreationDate="NaN"),
    "last day": reporting(
        TrustedTime="9999-12-31T23:59:59-12:00", EvaluationEndDate="9999-12-31T23:59:59-12:00", LocalDateTime="9999-12-31T23:59:59-12:00"
    ),
    "first day": reporting(
        TrustedTime="0001-01-01T00:00:00+14:00", EvaluationEndDate="0001-01-01T00:00:00+14:00", LocalDateTime="0001-01-01T00:00:00+14:00"
    ),
    "wrong version": reporting(Version="10.{{ 1/0 }}"),
    "odd numbers": reporting(KeyManagementServicePort="99999999", VLRenewalInterval="4294967294", Types="x", uValue="x", EventCode="x"),
    "odd texts": reporting(ID="a\nb", Name="", PartialProductKey="AB'C", InstanceID="a\nb", sValue="\n", Description="", State="?"),
    "odd flags": reporting(IsKeyManagementServiceMachine="yes", PartOfDomain="maybe", LicenseIsAddon="2", Enabled="x", Profiles="-1"),
}
"""What a hostile, damaged or overloaded machine can do."""

OURS: dict[str, Oddity] = {"a fault of ours": raising(partial(RuntimeError, "nobody foresaw this")), "time is up": raising(TaskTimeout)}
"""What ends a task from within, or from above."""

ODDITIES = {**FAMILY, **OURS}
MOST_PLACES = 16


def odd_runs(job: Job, tape: Tape, oddity: Oddity, *, check: bool, foreseen: bool) -> int:
    """Turn odd at answers that are other ones then, once and for good; how many runs that took. Of a long run each oddity takes a part."""
    runs = 0
    places = [at for at, exchange in enumerate(tape.order) if not is_same(oddity, *exchange)]
    stride = -(-len(places) // MOST_PLACES)
    for at in places[list(ODDITIES.values()).index(oddity) % max(stride, 1) :: max(stride, 1)]:
        for for_good in (False, True):

            def turn(number: int, message: bytes, answer: bytes, at: int = at, for_good: bool = for_good) -> bytes:
                is_odd = number >= at if for_good else number == at
                return oddity(message, answer) if is_odd else answer

            replay = Replay(tape, turn)
            result = run(job, replay, check=check)
            assert_honest(job, result, replay, check=check, foreseen=foreseen)
            runs += 1
            if replay.requests <= at:  # check mode asks no more than that
                return runs
    return runs


def is_same(oddity: Oddity, message: bytes, answer: bytes) -> bool:
    """Whether an answer is no other one for being odd."""
    try:
        return oddity(message, answer) == answer
    except BaseException:  # noqa: BLE001 - raised on purpose
        return False


@pytest.mark.parametrize("job", JOBS, ids=str)
def test_a_machine_that_turns_odd_loses_no_account(job: Job, tapes: dict[str, Tape]) -> None:
    assert sum(odd_runs(job, tapes[str(job)], oddity, check=False, foreseen=True) for oddity in FAMILY.values()) > len(FAMILY)


@pytest.mark.parametrize("oddity", OURS)
@pytest.mark.parametrize("job", CHANGERS, ids=str)
def test_what_ends_a_task_from_within_or_from_above_loses_no_account(job: Job, oddity: str, tapes: dict[str, Tape]) -> None:
    odd_runs(job, tapes[str(job)], OURS[oddity], check=False, foreseen=False)


@pytest.mark.parametrize("job", CHANGERS, ids=str)
def test_check_mode_writes_nothing_whatever_the_machine_answers(job: Job, tapes: dict[str, Tape]) -> None:
    for oddity in FAMILY.values():
        odd_runs(job, tapes[str(job)], oddity, check=True, foreseen=True)


def test_a_run_that_is_interrupted_says_at_once_what_was_done(tapes: dict[str, Tape]) -> None:
    job = next(job for job in CHANGERS if job.module == "mak_client")
    tape = tapes[str(job)]
    last = len(tape.order) - 1

    def turn(number: int, _message: bytes, answer: bytes) -> bytes:
        if number == last:
            raise KeyboardInterrupt
        return answer

    action = action_for(job, Replay(tape, turn), Clock())
    said: list[str] = []
    action._display = Said(said)
    with pytest.raises(KeyboardInterrupt):
        action.run(task_vars={"inventory_hostname": "server"})
    assert len(said) == 1
    assert said[0].startswith("server: mak_client was interrupted. Completed steps: install the MAK ending in 66666")
    assert "activate the MAK ending in 66666 online" in said[0]


class Said:
    """Where Ansible's warnings go."""

    def __init__(self, said: list[str]) -> None:
        self.warning = said.append


def last_answer_is(oddity: Oddity, tape: Tape) -> Callable[[int, bytes, bytes], bytes]:
    """Honest until the product is read after the activation, and odd from there on."""
    after = next(number for number, (message, _answer) in enumerate(tape.order) if b"/Activate<" in message) + 1
    return lambda number, message, answer: oddity(message, answer) if number >= after else answer


@pytest.mark.parametrize(
    ("name", "code"), [("grace of 8000 years", "malformed_answer"), ("status 77", "malformed_answer"), ("time is up", "task_timeout")]
)
def test_a_mak_that_was_spent_is_in_the_result_whatever_the_machine_reports_afterwards(
    name: str, code: str, tapes: dict[str, Tape]
) -> None:
    job = next(job for job in CHANGERS if job.module == "mak_client")
    tape = tapes[str(job)]
    result = run(job, Replay(tape, last_answer_is(ODDITIES[name], tape)))
    assert (result["failed"], result["changed"], result["activations_used"], result["rolled_back"]) == (True, True, 1, False)
    assert [(step["action"], step["done"]) for step in result["steps"]] == [("install_product_key", True), ("activate", True)]
    assert result["error"]["code"] == code
    assert "Completed steps: install the MAK ending in 66666" in result["msg"]
    assert result.get("timedout", {}).get("period") == (600 if code == "task_timeout" else None)


def test_a_machine_that_is_gone_after_a_mak_was_spent_is_unreachable_with_the_account(tapes: dict[str, Tape]) -> None:
    job = next(job for job in CHANGERS if job.module == "mak_client")
    tape = tapes[str(job)]
    result = run(job, Replay(tape, last_answer_is(ODDITIES["refused"], tape)))
    assert (result["unreachable"], result["changed"], result["activations_used"]) == (True, True, 1)
    assert all(step["done"] for step in result["steps"])
