# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which records are requested, what becomes of them, and what a second run does."""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.module_utils import _phone
from ansible_collections.winops.volume_activation.plugins.module_utils._batch import journal
from ansible_collections.winops.volume_activation.plugins.module_utils._batch.budget import (
    OverBudgetError,
    refuse_more,
    refuse_more_than_left,
)
from ansible_collections.winops.volume_activation.plugins.module_utils._batch.confirm import (
    IdOutcome,
    Requester,
    as_record,
    plan,
    predicted,
)
from ansible_collections.winops.volume_activation.plugins.module_utils._batch.confirmation_result import result_of
from ansible_collections.winops.volume_activation.plugins.module_utils._batch.errors import ServiceError
from ansible_collections.winops.volume_activation.plugins.module_utils._batch.journal import Kept
from ansible_collections.winops.volume_activation.plugins.module_utils._batch.message import Question
from ansible_collections.winops.volume_activation.plugins.module_utils._batch.pool import MOST_FAILURES
from ansible_collections.winops.volume_activation.plugins.module_utils._batch.records import requests_of
from ansible_collections.winops.volume_activation.plugins.module_utils._batch.remaining import Remaining
from ansible_collections.winops.volume_activation.plugins.module_utils._batch.response import Answer
from ansible_collections.winops.volume_activation.plugins.module_utils._deadline import Deadline
from ansible_collections.winops.volume_activation.plugins.module_utils._errors import InvalidOptionsError

PID = "55041-00140-015-871562-03-1033-7078.0000-0992009"
KEY = "MMMMM-KKKKK-MMMMM-22222-33333"


def digits(number: int, groups: int) -> str:
    """An ID with groups of six digits and right check digits."""
    bare = f"{number:0{groups * 5}d}"
    parts = [bare[start : start + 5] for start in range(0, len(bare), 5)]
    return "".join(part + _phone.check_digit(part) for part in parts)


def iid(number: int) -> str:
    return digits(number, 9)


def record(number: int, **values: Any) -> dict[str, Any]:
    return {"machine": f"PC-{number}", "installation_id": iid(number), "extended_pid": PID, "confirmation_id": "", **values}


class Service:
    """Gives confirmation IDs, or fails as the installation ID demands, and counts like Microsoft."""

    def __init__(self, failing: Mapping[str, str] | None = None, always: str = "") -> None:
        self.asked: list[str] = []
        self._failing = dict(failing or {})
        self._always = always
        self._lock = threading.Lock()

    def ask(self, question: Question, _deadline: Deadline) -> Answer:
        with self._lock:
            self.asked.append(question.installation_id)
            code = self._failing.pop(question.installation_id, self._always)
        if code:
            raise ServiceError(code)
        return Answer(digits(int(question.installation_id[-6:]), 8))


def ask(
    path: Path, service: Service, records: Sequence[Mapping[str, Any]], *, ask_again: bool = False, at_once: int = 1
) -> list[IdOutcome]:
    with journal.locked(str(path), Deadline.after(5)) as opened:
        planned = plan(requests_of(records), opened.kept, ask_again=ask_again)
        return Requester(service.ask, opened, Deadline.after(20), at_once).run(planned)


def statuses(outcomes: Sequence[IdOutcome]) -> list[str]:
    return [outcome.status for outcome in outcomes]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The path of a journal that does not exist yet."""
    return tmp_path / "plant.journal"


def test_a_second_run_asks_nothing_and_has_the_same_answers(path: Path) -> None:
    records, service = [record(number) for number in range(20)], Service()
    first = ask(path, service, records, at_once=4)
    second = ask(path, service, records, at_once=4)
    assert (set(statuses(first)), set(statuses(second))) == ({"answered"}, {"kept"})
    assert [one.confirmation_id for one in first] == [one.confirmation_id for one in second]
    assert sorted(service.asked) == sorted(iid(number) for number in range(20))
    assert {one.requested_time for one in second} != {None}


def test_one_installation_id_in_two_records_is_one_request(path: Path) -> None:
    service = Service()
    outcomes = ask(path, service, [record(1), record(1, machine="PC-1-new")])
    assert statuses(outcomes) == ["answered", "answered"]
    assert len({one.confirmation_id for one in outcomes}) == len(service.asked) == 1


def test_a_record_with_a_confirmation_id_is_never_requested(path: Path) -> None:
    service = Service()
    outcomes = ask(path, service, [record(1, confirmation_id=digits(7, 8)), record(2, confirmation_id="1.2E+47")], ask_again=True)
    assert [(one.status, one.confirmation_id) for one in outcomes] == [("kept", digits(7, 8)), ("kept", "1.2E+47")]
    assert service.asked == []


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"installation_id": ""}, "invalid_installation_id"),
        ({"installation_id": iid(1)[:-1]}, "invalid_installation_id"),
        ({"installation_id": iid(1)[:-1] + str((int(iid(1)[-1]) + 1) % 7)}, "invalid_installation_id"),
        ({"installation_id": "1.2E+53"}, "invalid_installation_id"),
        ({"extended_pid": ""}, "no_extended_pid"),
        ({"extended_pid": None}, "no_extended_pid"),
        ({"extended_pid": "55041-00140"}, "invalid_extended_pid"),
    ],
)
def test_a_record_that_is_wrong_is_not_sent_and_stops_no_other(path: Path, values: dict[str, Any], code: str) -> None:
    service = Service()
    outcomes = ask(path, service, [record(1, **values), record(2)])
    assert statuses(outcomes) == ["invalid", "answered"]
    assert outcomes[0].error is not None
    assert outcomes[0].error.error_code == code
    assert service.asked == [iid(2)]


@pytest.mark.parametrize(
    "values",
    [{"extended_pid": KEY}, {"installation_id": KEY.replace("-", "")}, {"note": f"key {KEY}"}, {"extra": {"Key": [KEY]}}, {KEY: 1}],
)
def test_a_product_key_anywhere_stops_the_task_unseen(values: dict[str, Any]) -> None:
    with pytest.raises(InvalidOptionsError, match=r"records\[1\] contains a product key, which is never sent") as raised:
        requests_of([record(1), record(2, **values)])
    assert "MMMMM" not in str(raised.value)


@pytest.mark.parametrize(
    ("code", "status", "asked_again"),
    [
        ("0x7F", "refused", True),
        ("0x67", "refused", True),
        ("request_refused", "refused", True),
        ("proxy_authentication", "not_sent", True),
        ("service_unreachable", "not_sent", True),
        ("response_lost", "unknown", False),
        ("response_invalid", "unknown", False),
        ("service_failed", "unknown", False),
        ("0x80131600", "unknown", False),
    ],
)
def test_only_what_microsoft_cannot_have_counted_is_asked_again(path: Path, code: str, status: str, asked_again: bool) -> None:
    service = Service({iid(1): code})
    assert statuses(ask(path, service, [record(1)])) == [status]
    again = ask(path, service, [record(1)])
    assert statuses(again) == ["answered" if asked_again else "unknown"]
    assert len(service.asked) == 1 + asked_again
    if not asked_again:
        assert again[0].error is not None
        assert again[0].error.error_code == "unknown_outcome"
        assert "might use another activation" in " ".join(again[0].error.explain().next_steps)
        assert statuses(ask(path, service, [record(1)], ask_again=True)) == ["answered"]
        assert statuses(ask(path, service, [record(1)], ask_again=True)) == ["kept"]


def test_a_run_that_is_killed_after_the_request_leaves_it_unknown(path: Path) -> None:
    class KilledError(BaseException):
        """Stands for the end of the process: nothing after it is done."""

    def killed(_question: Question, _deadline: Deadline) -> Answer:
        raise KilledError

    service = Service()
    service.ask = killed  # type: ignore[method-assign]
    with pytest.raises(KilledError):
        ask(path, service, [record(1), record(2)])
    service = Service()
    assert statuses(ask(path, service, [record(1), record(2)])) == ["unknown", "answered"]
    assert service.asked == [iid(2)]


def test_the_request_is_on_the_disk_before_it_is_sent(path: Path) -> None:
    seen: list[bool] = []

    class Watching(Service):
        def ask(self, question: Question, deadline: Deadline) -> Answer:
            seen.append(journal.read(str(path))[question.installation_id].is_unknown)
            return super().ask(question, deadline)

    ask(path, Watching(), [record(1), record(2)])
    assert seen == [True, True]


def test_lost_answers_in_a_row_end_the_requests(path: Path) -> None:
    """Each of them can cost an activation."""
    service = Service(always="response_lost")
    outcomes = ask(path, service, [record(number) for number in range(20)])
    assert statuses(outcomes) == ["unknown"] * MOST_FAILURES + ["not_sent"] * (20 - MOST_FAILURES)
    assert len(service.asked) == MOST_FAILURES
    assert statuses(ask(path, Service(), [record(number) for number in range(20)])) == ["unknown"] * MOST_FAILURES + ["answered"] * 17


def test_without_a_proxy_password_one_record_is_tried(path: Path) -> None:
    service = Service(always="proxy_authentication")
    outcomes = ask(path, service, [record(number) for number in range(20)], at_once=4)
    assert set(statuses(outcomes)) == {"not_sent"}
    assert len(service.asked) == 1


def test_an_answer_that_cannot_be_written_is_returned_with_a_warning(path: Path) -> None:
    service = Service()
    with journal.locked(str(path), Deadline.after(5)) as opened, open("/dev/full", "wb") as full:  # noqa: PTH123

        def ask_and_fill_the_disk(question: Question, deadline: Deadline) -> Answer:
            os.dup2(full.fileno(), opened._descriptor)
            return service.ask(question, deadline)

        planned = plan(requests_of([record(1), record(2)]), opened.kept, ask_again=False)
        outcomes = Requester(ask_and_fill_the_disk, opened, Deadline.after(20)).run(planned)
    assert statuses(outcomes) == ["answered", "not_sent"]
    assert outcomes[0].confirmation_id
    assert f"Save the confirmation ID {_phone.grouped(outcomes[0].confirmation_id)}, because" in outcomes[0].warnings[0]
    assert os.strerror(errno.ENOSPC) in outcomes[0].warnings[0]
    assert service.asked == [iid(1)]


def test_check_mode_says_what_would_be_requested() -> None:
    kept = {iid(2): Kept(digits(2, 8)), iid(3): Kept(open_requests=1, requested_time="2026-11-30T13:20:00Z")}
    planned = plan(requests_of([record(1), record(2), record(3), record(4, extended_pid="")]), kept, ask_again=False)
    assert statuses(predicted(planned)) == ["planned", "kept", "unknown", "invalid"]
    assert planned.needed() == {PID: 1}
    assert plan(requests_of([record(3)]), kept, ask_again=True).needed() == {PID: 1}


def test_extended_pids_of_one_key_are_counted_together() -> None:
    """The language, the build, and the day belong to the installation."""
    other_day, other_key = PID.replace("-1033-7078.0000-0992009", "-1041-9600.0000-0552024"), PID.replace("871562", "871563")
    records = [record(1), record(2, extended_pid=other_day), record(3, extended_pid=other_key)]
    assert plan(requests_of(records), {}, ask_again=False).needed() == {PID: 2, other_key: 1}
    named = [{**one, "partial_product_key": "33333"} for one in records]
    assert plan(requests_of(named), {}, ask_again=False).needed() == {PID: 3}


def test_more_than_permitted_or_left_is_refused_before_the_first_request() -> None:
    refuse_more({PID: 2}, 2)
    refuse_more({PID: 2}, None)
    with pytest.raises(OverBudgetError, match=r"needs 3 activations, which is more than max_activations: 2\. Nothing was requested"):
        refuse_more({PID: 2, "other": 1}, 2)
    refuse_more_than_left({PID: 2}, [Remaining(PID, 2, "T")])
    with pytest.raises(OverBudgetError, match=f"{PID}: 3 needed, 2 left at T") as raised:
        refuse_more_than_left({PID: 3}, [Remaining(PID, 2, "T")])
    assert raised.value.explain().code == "activation_budget"


def test_the_result_has_every_record_and_its_own_error(path: Path) -> None:
    records = [record(1), record(2, note="kept as it is"), record(3), record(4)]
    service = Service({iid(1): "0x67", iid(3): "0x67"})
    requests = requests_of(records)
    with journal.locked(str(path), Deadline.after(5)) as opened:
        planned = plan(requests, opened.kept, ask_again=False)
        requester = Requester(service.ask, opened, Deadline.after(20))
        outcomes = requester.run(planned)
    result = result_of(requests, outcomes, requests_sent=requester.requests_sent, needed=planned.needed(), left=[Remaining(PID, 9, "T")])
    assert (result["failed"], result["changed"], result["requests_sent"], result["activations_used"]) == (True, True, 4, 2)
    assert result["msg"].startswith(
        "Confirmation IDs: 2 received from Microsoft, 2 refused by Microsoft. PC-1, PC-3: 0x67: Microsoft has blocked"
    )
    assert [one["status"] for one in result["records"]] == ["refused", "answered", "refused", "answered"]
    assert result["records"][1]["note"] == "kept as it is"
    assert result["records"][1]["error"] is None
    assert result["maks"] == [
        {**Remaining(PID, 9, "T").as_dict(), "needed_activations": 4, "activations_used": 2, "unknown_activations": 0}
    ]


@pytest.mark.parametrize("code", ["0x7F", "0x67", "0x68", "0x86", "0x90"])
def test_a_record_that_microsoft_refuses_is_changed_before_it_is_requested_again(path: Path, code: str) -> None:
    """These codes are about the key or the record, so that the same request has the same answer."""
    records, service = [record(1)], Service(always=code)
    (found,) = [as_record(one, outcome) for one, outcome in zip(requests_of(records), ask(path, service, records), strict=True)]
    first = found["error"]["next_steps"][0]
    assert "again later" not in first
    assert ("Use another MAK" in first) == (code == "0x67")
    assert found["error"]["transient"] is False


@given(st.lists(st.sampled_from(["", "0x7F", "service_unreachable", "response_lost", "0x123"]), max_size=12), st.integers(0, 5))
def test_whatever_happens_no_answer_is_requested_twice(tmp_path_factory: pytest.TempPathFactory, codes: list[str], runs: int) -> None:
    """Several runs over the same records, each with failures: a record is sent again only after a refusal or if it was not sent."""
    path = tmp_path_factory.mktemp("runs") / "x.journal"
    records, counted = [record(number) for number in range(4)], dict[str, int]()
    for _run in range(runs + 1):
        service = Service({iid(number): code for number, code in zip(range(4), codes, strict=False)})
        codes = codes[4:]
        outcomes = ask(path, service, records, at_once=2)
        for one, outcome in zip(records, outcomes, strict=True):
            if one["installation_id"] in service.asked and outcome.status in ("answered", "unknown"):
                counted[one["installation_id"]] = counted.get(one["installation_id"], 0) + 1
    assert set(counted.values()) <= {1}
