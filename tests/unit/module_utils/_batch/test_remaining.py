# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many questions are asked, at the same time and after failures, and what the result says."""

from __future__ import annotations

import threading

import pytest

from ansible_collections.winops.volume_activation.plugins.module_utils._batch.errors import ServiceError
from ansible_collections.winops.volume_activation.plugins.module_utils._batch.message import Question
from ansible_collections.winops.volume_activation.plugins.module_utils._batch.pool import MOST_FAILURES
from ansible_collections.winops.volume_activation.plugins.module_utils._batch.remaining import (
    ask_all,
    joined,
    numbers_in,
    questions_in,
    result_of,
)
from ansible_collections.winops.volume_activation.plugins.module_utils._batch.response import Answer
from ansible_collections.winops.volume_activation.plugins.module_utils._deadline import Deadline

PIDS = [f"55041-00140-015-8715{number:02}-03-1033-7078.0000-0992009" for number in range(20)]


class Service:
    """Answers questions, or fails with the codes of its list, and counts what is asked at the same time."""

    def __init__(self, *codes: str | None, always: str | None = None) -> None:
        self.asked: list[str] = []
        self.most = 0
        self._codes = list(codes)
        self._always = always
        self._now = 0
        self._lock = threading.Lock()

    def ask(self, question: Question, _deadline: Deadline) -> Answer:
        with self._lock:
            self.asked.append(question.extended_pid)
            self._now += 1
            self.most = max(self.most, self._now)
            code = self._codes.pop(0) if self._codes else self._always
        with self._lock:
            self._now -= 1
        if code:
            raise ServiceError(code)
        return Answer(remaining=len(question.extended_pid))


def test_every_mak_is_asked_about_once_and_answers_keep_their_order() -> None:
    service = Service()
    found = ask_all(PIDS, service.ask, 4, Deadline.after(20))
    assert [one.extended_pid for one in found] == PIDS
    assert sorted(service.asked) == sorted(PIDS)
    assert service.most <= 4
    assert {one.error for one in found} == {None}


def test_a_lost_answer_is_asked_for_once_more_because_nothing_is_counted() -> None:
    service = Service("response_lost")
    assert ask_all(PIDS[:1], service.ask, 4, Deadline.after(20))[0].number == len(PIDS[0])
    assert len(service.asked) == 2


def test_a_refusal_is_no_reason_to_stop() -> None:
    service = Service(always="0x67")
    found = ask_all(PIDS, service.ask, 1, Deadline.after(20))
    assert {one.error.error_code for one in found if one.error} == {"0x67"}
    assert len(service.asked) == len(PIDS)


@pytest.mark.parametrize(("code", "asked"), [("proxy_authentication", 1), ("response_invalid", MOST_FAILURES)])
def test_a_service_that_cannot_be_used_is_not_asked_twenty_times(code: str, asked: int) -> None:
    service = Service(always=code)
    found = ask_all(PIDS, service.ask, 1, Deadline.after(20))
    codes = [one.error.error_code for one in found if one.error]
    assert codes == [code] * asked + ["not_requested"] * (len(PIDS) - asked)
    assert len(service.asked) == asked


def test_nothing_is_asked_after_the_deadline() -> None:
    service = Service()
    found = ask_all(PIDS[:2], service.ask, 1, Deadline.after(0))
    assert service.asked == []
    assert "The deadline of the task was reached." in str(found[0].error)


def test_an_unexpected_error_is_raised_where_it_is_explained() -> None:
    def broken(_question: Question, _deadline: Deadline) -> Answer:
        raise RuntimeError("defect")

    with pytest.raises(RuntimeError, match="defect"):
        ask_all(PIDS, broken, 4, Deadline.after(20))


def test_the_result_has_the_numbers_that_are_known_and_fails_for_the_others() -> None:
    found = ask_all(PIDS[:2], Service(None, "0x67").ask, 1, Deadline.after(20), lambda: "2026-11-30T13:20:00Z")
    result = result_of(found)
    assert (result["failed"], result["changed"], result["error"]["code"]) == (True, False, "0x67")
    assert f"{PIDS[0]}: {len(PIDS[0])} left" in result["msg"]
    assert result["msg"].startswith(f"{PIDS[1]}: 0x67: Microsoft has blocked the product key. Next: ")
    assert result["maks"][0] == {
        "extended_pid": PIDS[0],
        "remaining_activations": len(PIDS[0]),
        "checked_time": "2026-11-30T13:20:00Z",
        "error": None,
        "cached": False,
    }


def test_numbers_of_an_earlier_task_are_joined_in_the_order_of_the_task() -> None:
    asked = result_of(ask_all(PIDS[1:2], Service().ask, 1, Deadline.after(20), lambda: "T2"))
    result = joined(asked, PIDS[:2], {PIDS[0]: (7, "T1")})
    assert [(mak["extended_pid"], mak["remaining_activations"], mak["checked_time"], mak["cached"]) for mak in result["maks"]] == [
        (PIDS[0], 7, "T1", True),
        (PIDS[1], len(PIDS[1]), "T2", False),
    ]
    assert result["msg"] == f"{PIDS[0]}: 7 left at T1, from an earlier task of this run; {PIDS[1]}: {len(PIDS[1])} left."
    assert numbers_in(result) == {PIDS[0]: (7, "T1"), PIDS[1]: (len(PIDS[1]), "T2")}
    nothing = joined(result_of([]), PIDS[:1], {PIDS[0]: (7, "T1")})
    assert (nothing["msg"], len(nothing["maks"])) == (f"{PIDS[0]}: 7 left at T1, from an earlier task of this run.", 1)


def test_a_failure_stays_a_failure_beside_the_numbers_that_were_known() -> None:
    failed = result_of(ask_all(PIDS[1:3], Service("0x67").ask, 1, Deadline.after(20)))
    result = joined(failed, PIDS[:3], {PIDS[0]: (7, "T1")})
    assert (result["failed"], result["error"]["code"], result["msg"].count("Without an error")) == (True, "0x67", 1)
    assert result["msg"].startswith(f"{PIDS[1]}: 0x67: ")
    assert "7 left at T1" in result["msg"]
    assert f"{PIDS[2]}: {len(PIDS[2])} left." in result["msg"]
    assert set(numbers_in(result)) == {PIDS[0], PIDS[2]}, "an error is not kept"
    refused = {"failed": True, "msg": "Nothing was sent."}
    assert (joined(refused, PIDS[:1], {}), numbers_in(refused)) == (refused, {})


def test_the_extended_pids_of_a_mak_are_one_question_at_a_service() -> None:
    other_machine = PIDS[0].replace("7078.0000-0992009", "19045.0000-1232026")
    found = questions_in({"extended_pids": f"{PIDS[0]},{other_machine},{PIDS[1]}", "service_url": "https://a.example.com/"})
    assert (found[PIDS[0]] == found[other_machine], found[PIDS[0]] == found[PIDS[1]]) == (True, False)
    assert questions_in({"extended_pids": [PIDS[0]]})[PIDS[0]] != found[PIDS[0]]


@pytest.mark.parametrize("texts", [None, 7, {}, ["x"], [PIDS[0], "BBBBB-BBBBB-BBBBB-BBBBB-BBBBB"], [None]])
def test_options_that_are_not_valid_are_left_to_the_module(texts: object) -> None:
    assert questions_in({"extended_pids": texts}) == {}
